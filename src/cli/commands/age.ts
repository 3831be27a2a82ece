// Formats the age of what lists show.

const UNITS = [["d", 86_400], ["h", 3600], ["m", 60]] as const;

/** Returns the time since `ms`, in milliseconds since 1970, such as `5m`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(seconds / length)}${unit}`;
}

// Declares the tools that a test needs besides Deno.

/**
 * Returns options for a test that needs these programs. Without them it is skipped on a user's
 * machine, with the reason in its name; in CI it fails.
 */
export function needs(
  name: string,
  ...tools: string[]
): Pick<Deno.TestDefinition, "name" | "ignore"> {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0 || Deno.env.get("CI") !== undefined) return { name, ignore: false };
  return { name: `${name} (skipped: ${missing.join(", ")} not installed)`, ignore: true };
}

/** Whether a program is in PATH, or a file exists at an absolute path. */
export function isInstalled(tool: string): boolean {
  if (tool.startsWith("/")) return isFile(tool);
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => isFile(`${folder}/${tool}`));
}

/** Whether there is a file at a path. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

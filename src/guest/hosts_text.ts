// The text of an /etc/hosts (hosts(5)). Pure.

/** A name that stands for an address. */
export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

/** The text with a line for each of the entries whose name has no address of that kind in it. */
export function completeHosts(text: string, entries: readonly HostsEntry[]): string {
  const known = text.split("\n").flatMap(namesOf);
  const lines = entries.filter((entry) => !known.includes(keyOf(entry)))
    .map(({ address, name }) => `${address}\t${name}\n`);
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return lines.length === 0 ? text : text + gap + lines.join("");
}

/** The names of a line, each with the kind of its address. */
function namesOf(line: string): string[] {
  const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
  return names.map((name) => keyOf({ address, name }));
}

function keyOf({ address, name }: HostsEntry): string {
  return `${address.includes(":") ? 6 : 4} ${name.toLowerCase()}`;
}

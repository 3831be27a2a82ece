// Completes the text of an /etc/hosts (hosts(5)). Pure.

/** A name, and the address that it resolves to. */
export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

/** Appends a line for each entry whose name has no address of the same family (IPv4, IPv6) yet. */
export function completeHosts(text: string, entries: readonly HostsEntry[]): string {
  const known = text.split("\n").flatMap(namesOf);
  const lines = entries.filter((entry) => !known.includes(keyOf(entry)))
    .map(({ address, name }) => `${address}\t${name}\n`);
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return lines.length === 0 ? text : text + gap + lines.join("");
}

/** The names of a line, each with the family of its address. */
function namesOf(line: string): string[] {
  const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
  return names.map((name) => keyOf({ address, name }));
}

function keyOf({ address, name }: HostsEntry): string {
  return `${address.includes(":") ? 6 : 4} ${name.toLowerCase()}`;
}

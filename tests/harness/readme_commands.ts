// Reads README's two commands, which set up everything.

const README = new URL("../../README.md", import.meta.url);

/** Returns the command lines in README: first the demo, then the tests. */
export function readmeCommands(): readonly [demo: string, test: string] {
  const [demo, test, ...more] = Deno.readTextFileSync(README).match(/^npx .*$/gm) ?? [];
  if (demo !== undefined && test !== undefined && more.length === 0) return [demo, test];
  throw new Error("cannot read README's commands: there are not two lines that start with npx");
}

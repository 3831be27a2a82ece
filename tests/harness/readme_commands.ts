// README's two commands, which set up everything.

const README = new URL("../../README.md", import.meta.url);

/** The command lines as README has them: that of the demo, and that of the tests. */
export function readmeCommands(): readonly [demo: string, test: string] {
  const [demo, test, ...more] = Deno.readTextFileSync(README).match(/^npx .*$/gm) ?? [];
  if (demo !== undefined && test !== undefined && more.length === 0) return [demo, test];
  throw new Error("cannot read README's commands: there are not two lines that start with npx");
}

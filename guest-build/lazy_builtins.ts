// Node.js's own modules in a bundle, each loaded when something of it is first used: Deno takes 20 to 25 ms for
// node:crypto or node:fs, and a bundle would load at its start all that any part of it imports.

/** What stands in a bundle, as CommonJS, in place of a module of Node.js. */
export function builtinModule(id: string, kind: "import" | "require"): string {
  const load = `globalThis.process.getBuiltinModule(${JSON.stringify(id)})`;
  if (kind === "require" || isUsedItself(id)) return `module.exports = ${load};`;
  // esbuild asks what it imports from for each name when that is used; what stands behind it answers.
  return [
    "let loaded;",
    `const get = (_, name) => name === "__esModule" ? undefined : (loaded ??= ${load})[name];`,
    "module.exports = Object.create(new Proxy(Object.create(null), { get }));",
  ].join("\n");
}

/** Whether its default export does what it does only as itself: functions, and an emitter of events. */
function isUsedItself(id: string): boolean {
  return id === "node:process" || typeof globalThis.process.getBuiltinModule(id) === "function";
}

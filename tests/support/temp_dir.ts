// A folder that lasts as long as a test.

/** A new empty folder, removed with all it holds when disposed. */
export function tempDir(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "execvm-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

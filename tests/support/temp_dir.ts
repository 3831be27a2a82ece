// A folder that lasts as long as a test.

/** A new empty folder, removed with all it holds when disposed. @param dir where; by default in TMPDIR */
export function tempDir(dir?: string): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "execvm-test-", ...(dir !== undefined && { dir }) });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

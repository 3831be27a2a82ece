// Makes folders that last as long as a test.

/**
 * Makes an empty folder. Disposing it removes it with its contents.
 *
 * @param dir its parent; by default TMPDIR
 */
export function tempDir(dir?: string): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "execvm-test-", ...(dir !== undefined && { dir }) });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

// Deno and the libraries that it needs, for a guest.

/** A file of this machine and where the guest has it. */
export interface GuestFile {
  readonly source: string;
  /** Without a leading slash. */
  readonly target: string;
}

/**
 * Deno as it runs here and the libraries beside it, as ldd(1) finds them.
 *
 * @throws {Error} if ldd cannot tell.
 */
export async function denoFiles(): Promise<GuestFile[]> {
  const deno = Deno.execPath();
  const { success, stdout, stderr } = await new Deno.Command("ldd", { args: [deno] }).output();
  if (!success) {
    const fact = new TextDecoder().decode(stderr).trim();
    throw new Error(`Cannot find the libraries of ${deno} as ldd failed: ${fact}`);
  }
  // `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x..)`, or the loader by its path alone.
  const paths = [...new TextDecoder().decode(stdout).matchAll(/(?:=> )?(\/\S+) \(0x/g)];
  const libraries = paths.map(([, path]) => ({ source: path!, target: path!.slice(1) }));
  return [{ source: deno, target: "execvm/deno" }, ...libraries];
}

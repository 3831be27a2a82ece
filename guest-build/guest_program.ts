// The guest's own program: bundled from src/guest into one file.

import { fileURLToPath } from "node:url";

/** What the kernel starts: Deno wants words that a kernel command line cannot give. */
export const INIT_SCRIPT = `#!/execvm/busybox sh
export HOME=/root DENO_DIR=/tmp/.deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
exec /execvm/deno run -A --quiet --no-config --no-lock /execvm/guest.js "$@"
`;

/** The guest as one JavaScript file. @throws {Error} if it cannot be bundled. */
export async function bundleGuest(): Promise<string> {
  const main = new URL("../src/guest/main.ts", import.meta.url);
  const entry = main.protocol === "file:" ? fileURLToPath(main) : main.href;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--no-config", "--platform", "deno", "--minify", entry],
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  const fact = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot bundle the guest as deno bundle failed: ${fact}`);
}

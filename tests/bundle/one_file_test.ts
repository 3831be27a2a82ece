// The executable of one file. As denort is not available everywhere, a stand-in for `deno compile`
// checks its arguments and makes a script of the modules, which Deno runs, to show that they fit
// together.

import assert from "node:assert/strict";
import { hashSources } from "../../guest-build/sources.ts";
import { makeOneFile } from "../../src/bundle/one_file.ts";
import { hashFile } from "../../src/host/hash_file.ts";
import { bzImage } from "../kernels/fixture.ts";
import { execvm } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const FAKE_DENO = `#!/bin/sh
if [ "$1" != compile ]; then exec REAL_DENO "$@"; fi
here=\${0%/*}
echo "$DENORT_BIN $*" > "$here/asked"
if [ "$DENORT_BIN" = /broken ]; then echo 'error: it is broken' >&2; exit 1; fi
for entry; do :; done
cp -r "\${entry%/*}" "$here/compiled"
while [ "$1" != --output ]; do shift; done
printf '#!/bin/sh\\nexec REAL_DENO run -A %s/compiled/main.js "$@"\\n' "$here" > "$2"
`;

const OFFLINE = "http://127.0.0.1:1";

/** A folder with a stand-in for Deno, and the path of the executable. */
function fakeDeno() {
  const folder = tempDir();
  const deno = `${folder.path}/deno`;
  Deno.writeTextFileSync(deno, FAKE_DENO.replaceAll("REAL_DENO", Deno.execPath()), { mode: 0o755 });
  return {
    path: folder.path,
    output: `${folder.path}/execvm`,
    places: { deno, denoDir: folder.path, releases: OFFLINE },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** The output of a program that is run in another folder, with Deno in PATH. */
async function output(program: string, ...args: string[]): Promise<string> {
  const deno = Deno.execPath();
  const env = { PATH: `${deno.slice(0, deno.lastIndexOf("/"))}:/usr/bin:/bin` };
  const run = await new Deno.Command(program, { args, env, cwd: "/" }).output();
  assert.ok(run.success, new TextDecoder().decode(run.stderr));
  return new TextDecoder().decode(run.stdout);
}

Deno.test("without a denort it is a script, which reports that and embeds what it needs", async () => {
  using fake = fakeDeno();
  const made = await makeOneFile(fake.output, fake.places);
  const reason = "there is no denort here, and Deno's releases cannot be reached";
  assert.deepEqual(made, { kind: "script", reason });
  const text = Deno.readTextFileSync(fake.output);
  assert.ok(text.startsWith("#!/usr/bin/env -S deno run -A "));
  assert.ok(text.includes(await hashSources()), "the hash that the cache knows initrds by");
  for (const topic of ["base", "virtio", "filesystems", "network", "x86_64", "aarch64"]) {
    const config = Deno.readTextFileSync(new URL(`../../kernel/${topic}.config`, import.meta.url));
    const options = config.split("\n").filter((line) => /^CONFIG_\w+=[^"]+$/.test(line));
    for (const option of options) assert.ok(text.includes(option), option);
  }
  assert.equal(await output(fake.output, "run", "--", "echo", "one file"), "one file\n");
});

Deno.test({
  ...needs("a script makes the initrd that its sources make, byte for byte", "/bin/busybox"),
  async fn() {
    using fake = fakeDeno();
    await makeOneFile(fake.output, fake.places);
    const image = `${fake.path}/vmlinuz`;
    Deno.writeFileSync(image, bzImage());
    const build = ["initrd", "build", "--kernel", image, "--output"];
    const ownCache = `EXECVM_CACHE=${fake.path}/cache`; // else one would use what the other has made
    await output("env", ownCache, fake.output, ...build, `${fake.path}/theirs`);
    const { code, stderr } = await execvm([...build, `${fake.path}/ours`]);
    assert.equal(code, 0, stderr);
    assert.equal(await hashFile(`${fake.path}/theirs`), await hashFile(`${fake.path}/ours`));
  },
});

Deno.test("with a denort it is compiled, for another target too", async () => {
  using fake = fakeDeno();
  const target = "aarch64-unknown-linux-gnu";
  const made = await makeOneFile(fake.output, { ...fake.places, denort: "/given", target });
  assert.deepEqual(made, { kind: "compiled" });
  const asked = Deno.readTextFileSync(`${fake.path}/asked`);
  assert.match(asked, new RegExp(`^/given compile -A .*--target ${target} --output \\S+/execvm `));
  assert.equal(await output(fake.output, "run", "--", "echo", "one file"), "one file\n");
});

Deno.test("a compiled execvm is its own guest only as a first process with the variable", async () => {
  using fake = fakeDeno();
  await makeOneFile(fake.output, { ...fake.places, denort: "/given" });
  const guest = "console.log(`the guest is told ${Deno.args}`);";
  Deno.writeTextFileSync(`${fake.path}/compiled/guest.js`, guest);
  const start = ["env", "EXECVM_GUEST=1", fake.output, "run", "--", "echo", "no guest"];
  assert.equal(await output("env", ...start.slice(1)), "no guest\n");
  const asFirst = [...(Deno.uid() === 0 ? [] : ["--user", "--map-root-user"]), "--pid", "--fork"];
  assert.equal(
    await output("unshare", ...asFirst, ...start),
    "the guest is told run,--,echo,no guest\n",
  );
});

Deno.test("a denort that does not work is an error, and leaves no file", async () => {
  using fake = fakeDeno();
  await assert.rejects(
    makeOneFile(fake.output, { ...fake.places, denort: "/broken" }),
    /^Error: cannot compile execvm with \/broken: deno compile failed: it is broken$/,
  );
  assert.ok(!Array.from(Deno.readDirSync(fake.path)).some(({ name }) => name.includes("execvm")));
});

Deno.test("another target without its denort is an error, not a script", async () => {
  using fake = fakeDeno();
  await assert.rejects(
    makeOneFile(fake.output, { ...fake.places, target: "aarch64-apple-darwin" }),
    /^Error: cannot compile for aarch64-apple-darwin: there is no denort here, and/,
  );
});

import assert from "node:assert/strict";
import { execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

Deno.test("doctor finds everything required here, and exits with 0", async () => {
  const { code, stdout } = await execvm(["doctor"]);
  assert.equal(code, 0);
  for (const what of ["Deno: ", "kernel pipes: ", "clean-up after SIGKILL: ", "local runner: "]) {
    assert.match(stdout, new RegExp(`^ok +${what}`, "m"));
  }
  for (const what of ["QEMU", "KVM", "memory", "cache", "kernel", "initrd", "busybox"]) {
    assert.match(stdout, new RegExp(`^(ok|warn) +${what}: `, "m"));
  }
});

Deno.test("doctor warns about missing FFI, with advice", async () => {
  const { code, stdout } = await execvm(["doctor"], { env: { EXECVM_NO_FFI: "1" } });
  assert.equal(code, 0);
  assert.match(stdout, /^warn kernel pipes: .*\n +Run .*--allow-ffi$/m);
});

Deno.test("doctor warns about all that virtual machines lack, with advice, and exits with 0", async () => {
  using folder = tempDir();
  Deno.mkdirSync(`${folder.path}/bin`);
  Deno.symlinkSync("/bin/echo", `${folder.path}/bin/echo`);
  Deno.symlinkSync(Deno.execPath(), `${folder.path}/bin/deno`); // needed if execvm is a script
  const env = { PATH: `${folder.path}/bin`, EXECVM_CACHE: `${folder.path}/cache` };
  const { code, stdout } = await execvm(["doctor"], { env });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^warn QEMU: .*not there.*\n +As root, run: apt-get install .*qemu/m);
  assert.match(stdout, /^warn kernel: none is in the cache\n +Run execvm kernel fetch$/m);
  assert.match(
    stdout,
    /^warn images: they require programs that are not installed: sqfstar( and mke2fs)?$/m,
  );
  assert.match(stdout, /^ok +initrd: none yet/m);
});

Deno.test("doctor --json has a name, a state, a detail and advice for each check", async () => {
  using folder = tempDir();
  const env = { EXECVM_CACHE: `${folder.path}/cache`, EXECVM_NO_FFI: "1" };
  const { code, stdout } = await execvm(["doctor", "--json"], { env });
  const { version, ready, findings } = JSON.parse(stdout);
  assert.deepEqual([code, version, ready], [0, 1, true]);
  for (const finding of findings) {
    assert.deepEqual(Object.keys(finding), ["name", "state", "detail", "advice"]);
    assert.match(finding.name, /^[a-z0-9-]+$/);
    assert.ok(["ok", "warn", "missing"].includes(finding.state));
  }
  const names = findings.map(({ name }: { name: string }) => name);
  assert.equal(new Set(names).size, names.length);
  const pipes = findings.find(({ name }: { name: string }) => name === "kernel-pipes");
  assert.deepEqual([pipes.state, typeof pipes.advice], ["warn", "string"]);
});

Deno.test("doctor runs all other checks if the cache cannot be written", async () => {
  const none = { HOME: "", XDG_CACHE_HOME: "", EXECVM_CACHE: "" };
  const { code, stdout, stderr } = await execvm(["doctor"], { env: none });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^warn cache: there is no place for it, .*\n +Set EXECVM_CACHE/m);
  assert.match(stdout, /^(ok|warn) +busybox: /m);
});

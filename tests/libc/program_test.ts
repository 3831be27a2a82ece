import assert from "node:assert/strict";
import { toProgramError } from "../../src/libc/program.ts";
import { findLibc } from "../../src/libc/libc.ts";
import { local } from "../../mod.ts";
import { tempDir } from "../support/temp_dir.ts";

/** Runs a command whose program is this file; returns its output and exit code. */
async function runFile(content: Uint8Array | string): Promise<[string | undefined, number]> {
  using folder = tempDir();
  const path = `${folder.path}/file`;
  Deno.writeFileSync(path, typeof content === "string" ? bytesOf(content) : content);
  Deno.chmodSync(path, 0o755);
  const { code, stages } = await local().cmd("./file").cwd(folder.path).run({ check: false });
  return [stages[0]?.stderrTail, code];
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, ignore: findLibc() === undefined, fn });

test("a script whose interpreter is not there is told so, also where a CR is part of its name", async () => {
  const told = (interpreter: string) =>
    `execvm: cannot run "./file": its interpreter ${interpreter} is not there\n`;
  assert.deepEqual(await runFile("#!/no/such -x\necho hi\n"), [told('"/no/such"'), 127]);
  assert.deepEqual(await runFile("#! /bin/sh\r\necho hi\r\n"), [told('"/bin/sh\\r"'), 127]);
});

test("an executable whose loader is not there is told so", async () => {
  const program = Deno.readFileSync("/bin/true");
  const [loader, none] = ["/ld-linux-", "/no-linux-"].map(bytesOf) as [Uint8Array, Uint8Array];
  const place = program.findIndex((_, at) => loader.every((byte, i) => program[at + i] === byte));
  if (place < 0) throw new Error("cannot test: /bin/true names no loader");
  program.set(none, place);
  assert.deepEqual(await runFile(program), [
    'execvm: cannot run "./file": its loader is not there\n',
    127,
  ]);
});

Deno.test("a shell line in place of a program is reported as such", () => {
  const error = toProgramError("echo hi | cat", undefined);
  assert.equal(error.code, 127);
  assert.match(error.message, /"echo hi \| cat": there is no such command: .*sh -c$/);
  assert.match(toProgramError("cat", undefined).message, /"cat": there is no such command$/);
});

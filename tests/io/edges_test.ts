import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { cmd, stream } from "../../mod.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

const MIB = 1 << 20;
const KERNEL_EDGES = fileURLToPath(new URL("../fixtures/kernel_edges.ts", import.meta.url));

/** Parses a log of `strace -f -y`: the bytes that system calls moved, by program. */
function bytesByProgram(log: string): { deno: number; commands: number } {
  const programs = new Map<string, string>();
  const moved = { deno: 0, commands: 0 };
  for (const line of log.split("\n")) {
    const [, thread, call] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined || call === undefined) continue;
    const program = /^execve\("([^"]+)"/.exec(call)?.[1];
    if (program !== undefined) programs.set(thread, program);
    const bytes = Number(
      /^(?:<\.\.\. )?(?:read|write|splice|sendfile|copy_file_range|pread64|pwrite64|readv|writev)\b.* = (\d+)$/
        .exec(call)?.[1] ?? 0,
    );
    // Processes without an exec are threads of Deno.
    const isCommand = /\/(cat|tail)$/.test(programs.get(thread) ?? "");
    moved[isCommand ? "commands" : "deno"] += bytes;
  }
  return moved;
}

Deno.test({
  ...needs("no bytes between local commands and files pass through JS", "strace"),
  async fn() {
    using folder = tempDir();
    const [input, output, log] = ["in", "out", "log"].map((name) => `${folder.path}/${name}`);
    Deno.writeFileSync(input!, new Uint8Array(64 * MIB).fill(7));
    const calls =
      "trace=execve,read,write,splice,sendfile,copy_file_range,pread64,pwrite64,readv,writev";
    const { code, stderr } = await new Deno.Command("strace", {
      args: ["-f", "-o", log!, "-s", "0", "-e", calls]
        .concat([Deno.execPath(), "run", "-A", "--no-check", KERNEL_EDGES, input!, output!]),
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(Deno.statSync(output!).size, 64 * MIB);
    const moved = bytesByProgram(Deno.readTextFileSync(log!));
    // Both commands move 64 MiB, with reads and writes.
    assert.ok(moved.commands >= 128 * MIB, `the commands moved ${moved.commands}`);
    assert.ok(moved.deno < 16 * MIB, `Deno moved ${moved.deno}`); // only its own modules
  },
});

Deno.test("at an end in JS, chunks grow to 1 MiB", async () => {
  let largest = 0;
  const sink = new WritableStream<Uint8Array>({
    async write(chunk) {
      largest = Math.max(largest, chunk.length);
      await new Promise((resolve) => setTimeout(resolve, 1)); // the writer fills the pipe meanwhile
    },
  });
  await cmd("head", "-c", String(64 * MIB), "/dev/zero").to(stream(sink)).run();
  assert.equal(largest, MIB);
});

import assert from "node:assert/strict";
import { restoreState } from "../../src/qemu/machine_state.ts";
import { Monitor } from "../../src/qemu/monitor.ts";
import { openDir } from "../support/open_dir.ts";

/** The transports that a QEMU does not have, and its errors. */
interface Refusals {
  /** The error of `migrate-incoming`, by the start of its URI. */
  readonly [transport: string]: string;
}

const UNKNOWN = "unknown migration protocol: file:/dev/fdset/1";
const fds = { plain: 17, inSet: 18 };

Deno.test("restoreState() passes the descriptor to QEMU 7.2, which has no transport file:", async () => {
  assert.deepEqual(await urisOf({ "file:": UNKNOWN }), ["file:/dev/fdset/1", "fd:17"]);
});

Deno.test("restoreState() passes the fd set to QEMU 11, which refuses fd: for a file", async () => {
  const fact = "fd: migration to a file is not supported. Use file: instead.";
  assert.deepEqual(await urisOf({ "fd:": fact }), ["file:/dev/fdset/1"]);
});

Deno.test("restoreState() rejects with QEMU's error about the state, and tries nothing else", async () => {
  await assert.rejects(
    urisOf({ "file:": "Could not open '/dev/fdset/1'" }),
    /^Error: Could not open/,
  );
});

Deno.test("restoreState() rejects with the error about the descriptor if both transports fail", async () => {
  await assert.rejects(urisOf({ "file:": UNKNOWN, "fd:": "no such fd" }), /^Error: no such fd$/);
});

/** The URIs that are passed to a QEMU that refuses some. */
async function urisOf(refusals: Refusals): Promise<string[]> {
  using folder = openDir();
  const path = `${folder.path}/monitor`;
  using listener = Deno.listen({ transport: "unix", path });
  const uris: string[] = [];
  const served = serve(listener, refusals, uris);
  const conn = await Deno.connect({ transport: "unix", path });
  try {
    await restoreState(new Monitor(conn), fds);
    return uris;
  } finally {
    conn.close();
    await served;
  }
}

/** Answers each command of one connection, until that is closed. */
async function serve(listener: Deno.UnixListener, refusals: Refusals, uris: string[]) {
  using conn = await listener.accept();
  const commands: string[] = [];
  let rest = "";
  const buffer = new Uint8Array(1 << 16);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    const lines = (rest + new TextDecoder().decode(buffer.subarray(0, count))).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const { execute, arguments: { uri } } = JSON.parse(line);
      commands.push(execute);
      const refusal = Object.entries(refusals).find(([start]) => uri?.startsWith(start))?.[1];
      if (execute === "migrate-incoming") uris.push(uri);
      const answer = refusal === undefined ? { return: {} } : { error: { desc: refusal } };
      await conn.write(new TextEncoder().encode(`${JSON.stringify(answer)}\r\n`));
    }
  } // QEMU must know what the state leaves out before it reads it.
  const order = ["qmp_capabilities", "migrate-set-capabilities", "migrate-incoming"];
  assert.deepEqual(commands.slice(0, 3), order);
}

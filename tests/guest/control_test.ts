// The control port of a guest; here a fifo that is open for reading and writing, so that messages
// come back.

import assert from "node:assert/strict";
import { Control } from "../../src/guest/control.ts";
import { type Fd, openDevice, openPipe } from "../../src/libc/fd.ts";
import { writeNow } from "../../src/libc/fd_streams.ts";
import { encodeFrame, type GuestMessage, type HostMessage } from "../../src/machine/protocol.ts";
import { tempDir } from "../support/temp_dir.ts";
import { endProgram, limitedLoop, startProgram } from "./fixture.ts";

function openFifo(): Fd {
  using folder = tempDir();
  const path = `${folder.path}/fifo`;
  const making = startProgram(["mkfifo", path]);
  while (making.status() === undefined);
  endProgram(making);
  return openDevice(path);
}

/** The messages that come back when these are sent, once all have arrived. */
function echo(said: readonly GuestMessage[]): unknown[] {
  using port = openFifo();
  const control = new Control(port);
  using limited = limitedLoop(() => control.flush());
  const { loop } = limited;
  const taken: unknown[] = [];
  const onMessage = (message: HostMessage) => {
    taken.push(message);
    if (taken.length === said.length) loop.end();
  };
  control.listen(loop, { onMessage, onHangup: () => assert.fail("unexpected hang-up") });
  for (const message of said) control.send(message);
  loop.run();
  return taken;
}

Deno.test("messages arrive, in order", () => {
  const said: GuestMessage[] = [
    { type: "started", uid: 0, gid: 0 },
    { type: "end", stream: "stdout", bytes: 7 },
    { type: "exit", code: 3 },
  ];
  assert.deepEqual(echo(said), said);
  assert.deepEqual(echo(said.slice(0, 1)), said.slice(0, 1));
});

Deno.test("messages that do not fit into the port are queued, and none is lost or sent twice", () => {
  const message = "x".repeat(1000);
  const said = Array.from(
    { length: 500 },
    (_, index) => ({ type: "failed", phase: String(index), message }) as const,
  );
  assert.deepEqual(echo(said), said);
});

Deno.test("messages that are sent while the port is full come after the queued ones", () => {
  using port = openFifo();
  const control = new Control(port);
  using limited = limitedLoop(() => control.flush());
  const { loop } = limited;
  const taken: number[] = [];
  const say = (code: number) => control.send({ type: "failed", phase: `${code}`, message: LONG });
  const onMessage = (message: HostMessage) => {
    const code = Number((message as unknown as { phase: string }).phase);
    taken.push(code);
    if (code < 100) say(code + 100);
    if (taken.length === 200) loop.end();
  };
  control.listen(loop, { onMessage, onHangup: () => assert.fail("unexpected hang-up") });
  for (let code = 0; code < 100; code++) say(code);
  loop.run();
  assert.deepEqual(taken, Array.from({ length: 200 }, (_, index) => index));
});

const LONG = "x".repeat(5000);

Deno.test("the host's messages are received whole, however they are split; then its hang-up", () => {
  const said: HostMessage[] = [
    { type: "signal", signal: "SIGTERM", to: "all" },
    { type: "stdin-end", bytes: 12 },
    { type: "power-off" },
  ];
  const bytes = said.map(encodeFrame).flatMap((frame) => [...frame]);
  for (const cut of [0, 1, 3, 4, 5, bytes.length - 1]) {
    const { read, write } = openPipe();
    using _read = read;
    using limited = limitedLoop(() => {
      const next = parts.shift();
      if (next !== undefined) writeNow(write, Uint8Array.from(next));
      else write.close();
    });
    const parts = [bytes.slice(0, cut), bytes.slice(cut)];
    if (cut === 0) parts.shift();
    const taken: HostMessage[] = [];
    new Control(read).listen(limited.loop, {
      onMessage: (message) => taken.push(message),
      onHangup: () => limited.loop.end(),
    });
    limited.loop.run();
    assert.deepEqual(taken, said);
  }
});

// Checks a trace against Chrome's trace event format.

import assert from "node:assert/strict";

interface AnyEvent {
  readonly ph: string;
  readonly name: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Record<string, unknown>;
}

/** A parsed trace. */
export interface ReadTrace {
  readonly traceEvents: readonly AnyEvent[];
}

/** Parses a trace. @throws {AssertionError} if it violates the format. */
export function checkTrace(text: string): ReadTrace {
  const trace = JSON.parse(text) as ReadTrace & { displayTimeUnit: string };
  assert.equal(trace.displayTimeUnit, "ms");
  for (const event of trace.traceEvents) {
    assert.ok(["X", "M"].includes(event.ph), event.ph);
    assert.equal(typeof event.name, "string");
    for (const number of [event.ts, event.pid, event.tid, event.dur ?? 0]) {
      assert.ok(Number.isSafeInteger(number) && number >= 0, JSON.stringify(event));
    }
    assert.equal(event.dur !== undefined, event.ph === "X");
    assert.equal(typeof event.args, "object");
  }
  checkNames(trace);
  checkNesting(trace);
  return trace;
}

/** Each process and thread has a name. */
function checkNames({ traceEvents }: ReadTrace): void {
  const names = new Set(
    traceEvents.filter(({ name }) => name === "thread_name").map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const processes = traceEvents.filter(({ name }) => name === "process_name").map(({ pid }) => pid);
  for (const { ph, pid, tid } of traceEvents) {
    if (ph !== "X") continue;
    assert.ok(names.has(`${pid} ${tid}`), `thread ${pid} ${tid} has no name`);
    assert.ok(processes.includes(pid), `process ${pid} has no name`);
  }
}

/** The slices of a thread must be nested or consecutive, or viewers display them wrongly. */
function checkNesting({ traceEvents }: ReadTrace): void {
  const whole = traceEvents.filter(({ ph }) => ph === "X");
  for (const [index, a] of whole.entries()) {
    for (const b of whole.slice(index + 1)) {
      if (a.pid !== b.pid || a.tid !== b.tid) continue;
      const [aEnd, bEnd] = [a.ts + a.dur!, b.ts + b.dur!];
      const isApart = aEnd <= b.ts || bEnd <= a.ts;
      const isInside = a.ts <= b.ts && bEnd <= aEnd || b.ts <= a.ts && aEnd <= bEnd;
      assert.ok(isApart || isInside, `${a.name} and ${b.name} overlap`);
    }
  }
}

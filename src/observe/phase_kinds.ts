// What kinds of phases there are, for colours and words: runners are free to invent names.

/** A kind of phase. */
export type PhaseKind = "wait" | "prepare" | "start" | "run" | "end";

const KINDS: Readonly<Record<string, PhaseKind>> = {
  queued: "wait",
  waiting: "wait",
  connecting: "wait",
  preparing: "prepare",
  template: "prepare",
  pulling: "prepare",
  creating: "start",
  booting: "start",
  cloning: "start",
  starting: "start",
  running: "run",
  ending: "end",
};

/** Each kind in words. */
export const KIND_WORDS: Readonly<Record<PhaseKind, string>> = {
  wait: "waiting",
  prepare: "preparing",
  start: "starting",
  run: "running",
  end: "ending",
};

/** The kind of a phase; that of one that nobody knows is `run`. */
export function phaseKind(phase: string): PhaseKind {
  return Object.hasOwn(KINDS, phase) ? KINDS[phase]! : "run";
}

// Classifies phases for colours and text; runners may use any names.

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

/** The label of each kind. */
export const KIND_WORDS: Readonly<Record<PhaseKind, string>> = {
  wait: "waiting",
  prepare: "preparing",
  start: "starting",
  run: "running",
  end: "ending",
};

/** Returns the kind of a phase; `run` for unknown ones. */
export function phaseKind(phase: string): PhaseKind {
  return Object.hasOwn(KINDS, phase) ? KINDS[phase]! : "run";
}

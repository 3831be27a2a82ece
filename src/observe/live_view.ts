// The live view: shows running stages, one a line, on the terminal that is the stderr of this
// process.

import type { RunEvent, StageBytes } from "../model/result.ts";
import type { RunObserver, RunOutline, RunWatch } from "../model/run_observer.ts";
import { LiveItems } from "./live_items.ts";
import { LiveStage } from "./live_stage.ts";
import { Screen, type ScreenLine, type ScreenTarget } from "./screen.ts";
import { type LineStyle, stageLine } from "./stage_line.ts";
import { fitText, textWidth } from "./text_width.ts";

/** A run that ends sooner is not shown at all, in milliseconds. */
const PATIENCE_MS = 1000;

/** The interval between two frames, in milliseconds. */
const FRAME_MS = 200;

/** Phases in which only execvm can write to the terminal. */
const SILENT: ReadonlySet<string> = new Set([
  ...["queued", "preparing", "template", "cloning", "booting", "starting"],
]);

/** Whether the terminal is shared with commands, or ours alone. */
export type TerminalUse = "shared" | "ours";

/** How a view behaves. */
export interface LiveViewOptions {
  /**
   * Whether commands use the terminal themselves, as stdin or stdout, or a function that returns
   * that for a run. The view then closes for good once one of them might.
   */
  readonly terminal: TerminalUse | ((outline: RunOutline) => TerminalUse);
  readonly colours: boolean;
  /** Called once the view has closed for good. */
  readonly onGone?: () => void;
}

/** The terminal. */
export interface LiveViewTarget extends ScreenTarget {
  /** Writes output that does not belong to the view. */
  writeBytes(bytes: Uint8Array): void;
}

/** The view. Disposing it removes it from the terminal. */
export class LiveView implements RunObserver, Disposable {
  readonly #options: LiveViewOptions;
  readonly #target: LiveViewTarget;
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #runs = new Set<LiveRun>();
  readonly #beganMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Whether the output above the view ends with a newline. */
  #isLineOver = true;

  /** Shows nothing yet. @param target the terminal @param now returns the time in milliseconds */
  constructor(
    options: LiveViewOptions,
    target: LiveViewTarget,
    now: () => number = () => performance.now(),
  ) {
    this.#options = options;
    this.#target = target;
    this.#screen = new Screen(target, textWidth);
    this.#now = now;
    this.#beganMs = now();
    this.#timer = setInterval(() => this.draw(), FRAME_MS);
    Deno.unrefTimer(this.#timer);
  }

  begin(outline: RunOutline, bytesNow: () => readonly StageBytes[]): RunWatch {
    const run = new LiveRun(outline, bytesNow);
    if (outline.stages.some(({ tty }) => tty === true)) this[Symbol.dispose]();
    this.#runs.add(run);
    const { terminal } = this.#options;
    const isShared = (typeof terminal === "string" ? terminal : terminal(outline)) === "shared";
    return {
      event: (event) => {
        run.note(event, this.#now());
        if (isShared && run.mayWrite(event)) this[Symbol.dispose]();
      },
      end: () => {
        this.#runs.delete(run);
        if (this.#runs.size === 0) this.#screen.clear();
      },
    };
  }

  /** Writes other output above the view. */
  writeAbove(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#screen.clear();
    this.#target.writeBytes(bytes);
    this.#isLineOver = bytes.at(-1) === "\n".charCodeAt(0);
  }

  /** Draws a frame, if it is due. */
  draw(): void {
    const atMs = this.#now();
    const isWanted = this.#timer !== undefined && this.#runs.size > 0 && this.#isLineOver;
    if (!isWanted || atMs - this.#beganMs < PATIENCE_MS) return;
    const style = { columns: this.#target.size().columns, colours: this.#options.colours };
    this.#screen.draw([...this.#runs].flatMap((run) => run.lines(atMs, style)));
  }

  [Symbol.dispose](): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#screen.clear();
    this.#options.onGone?.();
  }
}

/** A run that is displayed. */
class LiveRun {
  readonly #stages: readonly LiveStage[];
  readonly #items: LiveItems | undefined;
  readonly #outline: RunOutline;
  readonly #bytesNow: () => readonly StageBytes[];
  /** The stages that have reported a phase. */
  readonly #phased = new Set<number>();

  constructor(outline: RunOutline, bytesNow: () => readonly StageBytes[]) {
    this.#outline = outline;
    this.#stages = outline.stages.map((stage) => new LiveStage(stage));
    this.#items = outline.items && new LiveItems(outline.items);
    this.#bytesNow = bytesNow;
  }

  note(event: RunEvent, atMs: number): void {
    if (event.type === "item") return this.#items?.note(event, atMs);
    this.#stages[event.stage]?.note(event, atMs);
    if (event.type === "phase") this.#phased.add(event.stage);
  }

  /** Returns whether a stage may write to the terminal from this event on. */
  mayWrite(event: RunEvent): boolean {
    if (event.type === "item") return true;
    if (event.type === "phase") return !SILENT.has(event.phase);
    const isTransform = this.#outline.stages[event.stage]?.runner === "js";
    return event.type === "start" && !isTransform && !this.#phased.has(event.stage);
  }

  /** Returns the lines to show: the items with those that run, then the stages. */
  lines(atMs: number, style: LineStyle): ScreenLine[] {
    const bytes = this.#bytesNow();
    const states = [
      ...this.#items?.states(atMs) ?? [],
      ...this.#stages.map((stage, index) => stage.state(bytes[index] ?? {}, atMs)),
    ];
    const lines = states.map((state) => stageLine(state, style));
    if (this.#items === undefined) return lines;
    const count = this.#items.countLine(atMs);
    return [{ text: fitText(count.text, style.columns - 1) }, ...lines];
  }
}

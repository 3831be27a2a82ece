// Parses the output of `deno test` line by line: which tests passed, failed or were skipped, and
// why.

/** A failed test, or a failure outside of tests. */
export interface Failure {
  readonly name: string;
  /** Relative to the checkout; undefined if it belongs to no file. */
  readonly file?: string;
  /** The error, and the end of what the test printed. */
  readonly text: string;
}

/** How many lines of a test's own output are kept. */
const KEPT_LINES = 60;

const RUNNING = /^running \d+ tests? from (\S+)$/;
const STARTED = /^(\S.*) \.\.\.$/;
const ENDED = /^(\S.*) \.\.\. (ok|FAILED|ignored)\b.*\(.*\)$/;
/**
 * Messages in between, such as about a slow test, are on separate lines, and then so is the result.
 */
const INTERRUPTED = /^(\S.*?) \.\.\.\S/;
const ENDED_LATE = /^ (ok|FAILED|ignored)\b.*\(.*\)$/;
/** The same in a step of a test: the separate result is the step's. */
const STEP_INTERRUPTED = /^ +\S.*? \.\.\.\S/;
const UNCAUGHT = /^Uncaught error from (\S+) FAILED$/;
const OUTPUT = /^-+ (?:post-test )?output -+$/;
const OUTPUT_END = /^(.*?)-{5} (?:post-test )?output end -{5}$/;
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed.*\| (\d+) failed/;
const ERROR_OF = /^(\S.*?)(?: => \.\/\S+:\d+:\d+| \(uncaught error\))$/;

/** Parses the lines of one `deno test`. */
export class TestLog {
  /** How many tests of each file passed. */
  readonly passedIn: Map<string, number> = new Map();
  /** How long each file took in milliseconds, including loading its modules. */
  readonly msOf: Map<string, number> = new Map();
  readonly skipped: string[] = [];
  /** The files that were started, in order. */
  readonly files: string[] = [];
  /** The test that was started last. */
  current: string | undefined;
  /** Deno's final counts; undefined if it did not get that far. */
  summary: { readonly passed: number; readonly failed: number } | undefined;
  readonly #failed: { readonly name: string; readonly file: string; readonly output: string }[] =
    [];
  readonly #errors = new Map<string, string[]>();
  #part: "tests" | "output" | "errors" | "summary" = "tests";
  #heading = "";
  /** Whether the next separate result is that of a step. */
  #isInStep = false;
  #output: string[] = [];
  #lineMs: number;

  /** @param startMs when the run was started, by the clock of {@linkcode take} */
  constructor(startMs: number = performance.now()) {
    this.#lineMs = startMs;
  }

  /** Parses a line; returns whether to show it, which excludes the output of tests. */
  take(line: string, nowMs: number = performance.now()): boolean {
    const isShown = this.#read(line);
    const file = this.files.at(-1); // a file is named once it is loaded
    if (file !== undefined) {
      this.msOf.set(file, (this.msOf.get(file) ?? 0) + nowMs - this.#lineMs);
    }
    this.#lineMs = nowMs;
    return isShown;
  }

  #read(line: string): boolean {
    const [, passed, failed] = SUMMARY.exec(line) ?? [];
    if (this.#part === "output") this.#takeOutput(line);
    else if (passed !== undefined) {
      this.summary = { passed: Number(passed), failed: Number(failed) };
    } else if (OUTPUT.test(line)) this.#part = "output";
    else if (line === " ERRORS ") this.#part = "errors";
    else if (line === " FAILURES ") this.#part = "summary";
    else if (this.#part === "errors") this.#takeError(line);
    else return this.#takeTest(line);
    return false;
  }

  /** Returns all failures so far. */
  failures(): Failure[] {
    return this.#failed.map(({ name, file, output }) => {
      const errors = [...this.#errors].filter(([of]) =>
        of === name || of.startsWith(`${name} ... `)
      )
        .flatMap(([of, lines]) => [...(of === name ? [] : [of]), ...lines]);
      return {
        name,
        file,
        text: [...errors, ...(output === "" ? [] : [output])].join("\n").trim(),
      };
    });
  }

  #takeTest(line: string): boolean {
    const file = RUNNING.exec(line)?.[1];
    if (file !== undefined) this.files.push(plainPath(file));
    const [, name, end] = ENDED.exec(line) ?? [];
    const started = name === undefined ? (STARTED.exec(line) ?? INTERRUPTED.exec(line))?.[1] : name;
    if (started !== undefined && started !== this.current) this.#begin(started);
    const late = this.#isInStep ? undefined : ENDED_LATE.exec(line)?.[1];
    if (ENDED_LATE.test(line) || /^ *\S.* \.\.\. /.test(line)) this.#isInStep = false;
    if (STEP_INTERRUPTED.test(line)) this.#isInStep = true;
    if ((end ?? late) !== undefined) this.#end((end ?? late)!);
    const uncaught = UNCAUGHT.exec(line)?.[1];
    if (uncaught !== undefined) this.#failed.push({ ...named(uncaught), output: "" });
    return name !== undefined || !STARTED.test(line);
  }

  #begin(name: string): void {
    this.#output = [];
    this.current = name;
  }

  #end(end: string): void {
    const [name, file] = [this.current ?? "", this.files.at(-1) ?? ""];
    if (end === "ok") this.passedIn.set(file, (this.passedIn.get(file) ?? 0) + 1);
    if (end === "ignored") this.skipped.push(name);
    if (end !== "FAILED") return;
    const lines = this.#output.length === 0 ? [] : ["it printed:", ...this.#output];
    this.#failed.push({ name, file, output: lines.join("\n") });
  }

  #takeOutput(line: string): void {
    const end = OUTPUT_END.exec(line);
    const text = end === null ? line : end[1]!;
    if (text !== "" || end === null) this.#output.push(`  ${text}`);
    if (this.#output.length > KEPT_LINES) this.#output.shift();
    if (end !== null) this.#part = "tests";
  }

  #takeError(line: string): void {
    const of = ERROR_OF.exec(line)?.[1];
    if (of === undefined) this.#errors.get(this.#heading)?.push(line);
    else this.#errors.set(this.#heading = of, this.#errors.get(of) ?? []);
  }
}

/**
 * Returns a file's path for a command line; logs have `./tests/a_test.ts` or `./src/a.ts#4-8.ts`.
 */
function plainPath(path: string): string {
  return path.replace(/^\.\//, "").replace(/[#$]\d+-\d+\.\w+$/, "");
}

function named(path: string) {
  return { name: path, file: plainPath(path) };
}

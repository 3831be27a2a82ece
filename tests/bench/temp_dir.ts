// A folder for what the bench makes, gone when it ends in whatever way a program can see.

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** A temporary folder, removed when disposed, and when the process is told to end. */
export class TempDir implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "execvm-bench-" });
  readonly #onSignal = () => {
    this.#remove();
    Deno.exit(130);
  };

  constructor() {
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#onSignal);
    this.#remove();
  }

  #remove(): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

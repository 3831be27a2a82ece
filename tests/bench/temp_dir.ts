// A temporary folder for the bench, removed at its end, also on termination signals.

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/**
 * Makes a temporary folder, removed when it is disposed or the process receives a termination
 * signal.
 */
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

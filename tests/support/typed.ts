// Runs execvm on a new terminal and types keys on it.

import { local, type Result, stream } from "../../mod.ts";
import { EXECVM } from "./cli.ts";

/** A run of execvm with a terminal. */
export interface Typed {
  /** Resolves once the terminal has shown this text. */
  shows(words: string): Promise<void>;
  /** Returns everything that it has shown. */
  shown(): string;
  /** Types these keys, such as `\x03` for ^C. */
  type(keys: string): void;
  /** Returns the pid of execvm. */
  pid(): number;
  readonly result: Promise<Result>;
}

/** Starts execvm with these arguments, in the foreground of a terminal. */
export function execvmOnTerminal(args: readonly string[]): Typed {
  let shown = "";
  let moved = Promise.withResolvers<void>();
  let typing!: ReadableStreamDefaultController<Uint8Array>;
  const keys = new ReadableStream<Uint8Array>({
    start: (controller) => void (typing = controller),
  });
  const screen = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += new TextDecoder().decode(chunk);
      moved.resolve();
      moved = Promise.withResolvers();
    },
  });
  const shell = 'echo "pid $$"; exec "$@"';
  const command = local({ tty: true }).cmd("sh", "-c", shell, "sh", ...EXECVM, ...args);
  const result = stream(keys).pipe(command).to(stream(screen)).run({ check: false });
  return {
    result,
    shown: () => shown,
    type: (keys) => typing.enqueue(new TextEncoder().encode(keys)),
    pid: () => Number(/pid (\d+)/.exec(shown)?.[1]),
    async shows(words) {
      while (!shown.includes(words)) {
        const isOver = await Promise.race([moved.promise, result.then(() => true)]);
        if (isOver === true && !shown.includes(words)) throw new Error(`It has ended: ${shown}`);
      }
    },
  };
}

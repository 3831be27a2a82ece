// The data behind the builders: what a pipeline is made of, and nothing that runs.

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** What gives bytes. */
export type SourceNode =
  | { readonly type: "file"; readonly name: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | TarNode
  | { readonly type: "stdin" }
  | { readonly type: "empty" }
  | { readonly type: "stream"; readonly readable: ReadableStream<Uint8Array> };

/** A tar archive of files and folders of this machine. */
export interface TarNode {
  readonly type: "tar";
  readonly files: readonly string[];
  readonly compression?: "gzip";
  readonly directory?: string;
}

/** A program and its arguments. */
export interface PlainCommandNode extends CommandOptions {
  readonly type: "command";
  readonly args: readonly string[];
}

/** Commands that run one after the other, each once the one before has succeeded. */
export interface ChainNode extends CommandOptions {
  readonly type: "chain";
  readonly commands: readonly (readonly string[])[];
}

/** What is the same for every command. */
export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly runner?: Computer;
  readonly stderr?: SinkNode;
}

/** What a runner runs. */
export type CommandNode = PlainCommandNode | ChainNode;

/** What changes bytes inside this process, on whatever computer. */
export type TransformNode = { readonly type: "gzip" | "gunzip" | "cpio" };

/** What takes bytes. */
export type SinkNode =
  | { readonly type: "file"; readonly name: string }
  | { readonly type: "untar"; readonly directory: string }
  | { readonly type: "stdout" }
  | { readonly type: "discard" }
  | { readonly type: "stream"; readonly writable: WritableStream<Uint8Array> };

/** A step between the source and the sink. */
export type StageNode = CommandNode | TransformNode;

/** A whole pipeline. Without a source stdin is empty; without a sink the output is our stdout. */
export interface Description {
  readonly source?: SourceNode;
  readonly stages: readonly StageNode[];
  readonly sink?: SinkNode;
}

/** Where commands run, as far as a description has to know. */
export interface Computer {
  /** The word for it in JSON and on the command line, such as `docker`. */
  readonly kind: string;
  /** Its configuration, as it stands in the JSON form. */
  readonly options: { readonly [key: string]: Json };
  /** The argv that runs `command`, as seen on this machine. Pure. */
  argv(command: CommandNode): readonly string[];
}

/** Whether a stage is run by a runner; otherwise it is a transform. */
export function isCommand(stage: StageNode): stage is CommandNode {
  return stage.type === "command" || stage.type === "chain";
}

/** The same value, which nobody can change any more, down to its last field. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  const prototype = Object.getPrototypeOf(value);
  // Streams, runners and bytes are held, not owned: they stay as they are.
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

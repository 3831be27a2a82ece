// The data behind the builders: what a pipeline is made of, and nothing that runs.

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** What gives bytes. */
export type SourceNode = PlainSourceNode | EachNode;

/** What gives bytes by itself. */
export type PlainSourceNode =
  | { readonly type: "file"; readonly name: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | TarNode
  | { readonly type: "stdin" }
  | { readonly type: "empty" }
  | { readonly type: "stream"; readonly readable: ReadableStream<Uint8Array> };

/** A tar archive of files and folders of this machine. */
export interface TarNode {
  /** The kind of block. */
  readonly type: "tar";
  /** Paths of files and folders, as given. */
  readonly files: readonly string[];
  /** How the archive is compressed, if it is. */
  readonly compression?: "gzip";
  /** The folder that relative paths start from; the current one if absent. */
  readonly directory?: string;
  /** The mtime of all entries, in seconds since 1970, in place of their own. */
  readonly mtime?: number;
  /** The owner of all entries, in place of their own. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Many pipelines, some at once; it gives what they put out, in the order of the items. */
export interface EachNode extends EachSettings {
  /** The kind of block. */
  readonly type: "each";
  /** What there is to do, in order. */
  readonly items: readonly EachItemNode[];
}

/** One item and the pipeline for it. */
export interface EachItemNode {
  /** What the pipeline was made for, to name it by. */
  readonly item?: Json;
  /** What runs. Without a source its stdin is empty; without a sink its output is the item's. */
  readonly pipeline: Description;
}

/** How many pipelines run. */
export interface EachSettings {
  /** How many run at once. @default the number of processors of this machine */
  readonly concurrency?: number;
  /** Which items are run again when they fail. @default none */
  readonly retry?: RetrySettings;
  /** Milliseconds after which an attempt at an item is ended, with code 124. */
  readonly itemTimeoutMs?: number;
  /** Whether the first item that fails ends all others. @default false */
  readonly failFast?: boolean;
}

/** What is done about an item that fails. */
export interface RetrySettings {
  /** How often an item is run again, at most. */
  readonly times: number;
  /** The failures after which it is. @default ["runner"] */
  readonly on?: readonly RetryReason[];
}

/**
 * A failure: of the machinery (a `RunnerError`), of a command, of `itemTimeoutMs` that is over, or
 * this exit code of the pipeline.
 */
export type RetryReason = "runner" | "command" | "timeout" | number;

/** A program and its arguments. */
export interface PlainCommandNode extends CommandOptions {
  /** The kind of block. */
  readonly type: "command";
  /** The argv: the program and its arguments, a byte that is no UTF-8 as U+DC80 to U+DCFF. */
  readonly args: readonly string[];
}

/** Commands that run one after the other, each once the one before has succeeded. */
export interface ChainNode extends CommandOptions {
  /** The kind of block. */
  readonly type: "chain";
  /** The argv of each command, in their order. */
  readonly commands: readonly (readonly string[])[];
}

/** What is the same for every command. */
export interface CommandOptions {
  /** Variables on top of those that the runner gives. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder to run in, on the computer where it runs. */
  readonly cwd?: string;
  /** The runner it is bound to, if it is. */
  readonly runner?: RunnerRef;
  /** Where its stderr goes in place of our own. */
  readonly stderr?: SinkNode;
}

/** What a runner runs. */
export type CommandNode = PlainCommandNode | ChainNode;

/** What changes bytes inside this process, on whatever computer. */
export type TransformNode = { readonly type: "gzip" | "gunzip" | "cpio" } | DockerBuildNode;

/** How an image is built. */
export interface DockerBuildOptions {
  /** The name of the image, such as `execvm:latest`. */
  readonly tag?: string;
  /** The Dockerfile's path in the context. @default "Dockerfile" */
  readonly file?: string;
  /** The stage of the Dockerfile to build. @default its last one */
  readonly target?: string;
  /** Values for the `ARG`s of the Dockerfile. */
  readonly args?: Readonly<Record<string, string>>;
  /** Docker's name of the network of `RUN`, such as `none`. @default Docker's own */
  readonly network?: string;
  /** The platform of the image, such as `linux/arm64`. */
  readonly platform?: string;
  /** Whether BuildKit builds, or what Docker had before. @default what Docker takes */
  readonly buildkit?: boolean;
  /** The program that builds: docker's command line, or one that takes the same. @default "docker" */
  readonly binary?: string;
}

/** A build of an image, out of a tar archive of its context. */
export interface DockerBuildNode extends DockerBuildOptions {
  /** The kind of block. */
  readonly type: "dockerBuild";
}

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
  /** What gives the first bytes; without it there are none. */
  readonly source?: SourceNode;
  /** Commands and transforms, from left to right. */
  readonly stages: readonly StageNode[];
  /** What takes the last bytes; without it our stdout does. */
  readonly sink?: SinkNode;
}

/** Where commands run, as far as a description has to know. */
export interface RunnerRef {
  /** The word for it in JSON and on the command line, such as `docker`. */
  readonly kind: string;
  /** Its configuration, as it stands in the JSON form. */
  readonly options: { readonly [key: string]: Json };
  /** The argv that runs `command`, as seen on this machine. Pure. */
  argv(command: CommandNode): readonly string[];
}

/** @deprecated The name of {@linkcode RunnerRef} up to version 0.1. */
export type Computer = RunnerRef;

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

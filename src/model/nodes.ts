// The data model of pipelines that the builders make; nothing here runs.

/** A value that JSON can represent. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** A source of bytes. */
export type SourceNode = PlainSourceNode | EachNode;

/** A source of bytes other than a fan-out. */
export type PlainSourceNode =
  | { readonly type: "file"; readonly name: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | TarNode
  | { readonly type: "stdin" }
  | { readonly type: "empty" }
  | { readonly type: "stream"; readonly readable: ReadableStream<Uint8Array> };

/** A tar archive of files and folders on this machine. */
export interface TarNode {
  /** The kind of block. */
  readonly type: "tar";
  /** Paths of files and folders, as given. */
  readonly files: readonly string[];
  /** How the archive is compressed. @default no compression */
  readonly compression?: "gzip";
  /** The folder that relative paths start from. @default the current directory */
  readonly directory?: string;
  /** The mtime of all entries, in seconds since 1970. @default that of each file */
  readonly mtime?: number;
  /** The owner of all entries. @default that of each file */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** A fan-out: many pipelines, whose outputs are concatenated in the order of the items. */
export interface EachNode extends EachSettings {
  /** The kind of block. */
  readonly type: "each";
  /** The items, in order. */
  readonly items: readonly EachItemNode[];
}

/** One item of a fan-out and its pipeline. */
export interface EachItemNode {
  /** The value that the pipeline was made from; it names the item in results and messages. */
  readonly item?: Json;
  /** Without a source its stdin is empty; without a sink its output is the output of the item. */
  readonly pipeline: Description;
}

/** How the pipelines of a fan-out run. */
export interface EachSettings {
  /** How many items run at once. @default the number of processors of this machine */
  readonly concurrency?: number;
  /** Which failed items are run again. @default none */
  readonly retry?: RetrySettings;
  /** Milliseconds after which an attempt at an item is ended, with code 124. @default no limit */
  readonly itemTimeoutMs?: number;
  /** Whether the first failed item ends all others. @default false */
  readonly failFast?: boolean;
}

/** When a failed item is run again. */
export interface RetrySettings {
  /** How often an item is run again at most, from 0. */
  readonly times: number;
  /** The failures after which it is run again. @default ["runner"] */
  readonly on?: readonly RetryReason[];
}

/**
 * A kind of failure: a runner failed (`RunnerError`), a command failed, `itemTimeoutMs` or the time
 * limit of code was reached, or the pipeline ended with this exit code (1 to 255).
 */
export type RetryReason = "runner" | "command" | "timeout" | number;

/** A program and its arguments. */
export interface PlainCommandNode extends CommandOptions {
  /** The kind of block. */
  readonly type: "command";
  /** The program and its arguments; a byte that is not part of UTF-8 is U+DC00 + byte. */
  readonly args: readonly string[];
}

/** Commands that run one after the other, each once the previous one has succeeded. */
export interface ChainNode extends CommandOptions {
  /** The kind of block. */
  readonly type: "chain";
  /** The argv of each command, in order. */
  readonly commands: readonly (readonly string[])[];
  /** Where the stdout of all commands but the last goes. @default "pass" */
  readonly stdout?: ChainStdout;
}

/**
 * Where the stdout of all commands of a chain but the last goes: to the stdout of the chain
 * (`pass`), to its stderr, or nowhere (`discard`).
 */
export type ChainStdout = "pass" | "stderr" | "discard";

/** All values of {@linkcode ChainStdout}. */
export const CHAIN_STDOUTS: readonly ChainStdout[] = ["pass", "stderr", "discard"];

/** The settings that commands and chains have in common. */
export interface CommandOptions {
  /** Environment variables, in addition to those that the runner sets. */
  readonly env: Readonly<Record<string, string>>;
  /** The working directory, on the computer that runs the command. @default that of the runner */
  readonly cwd?: string;
  /** The runner that the command is bound to. @default the one that the pipeline is run with */
  readonly runner?: RunnerRef;
  /** Where stderr goes. @default the stderr of this process */
  readonly stderr?: SinkNode;
}

/** A stage that a runner runs. */
export type CommandNode = PlainCommandNode | ChainNode;

/** Code that runs on a prepared image, in its own virtual machine. */
export interface CodeNode {
  /** The kind of block. */
  readonly type: "code";
  /** The prepared image: its key, its `cacheKey`, or the start of its key. */
  readonly image: string;
  /** The source text of the program. */
  readonly text: string;
  /** The options of `code` that were given. */
  readonly options: CodeSettings;
  /** What runs it. JSON leaves it out, because there is only one. */
  readonly runner: CodeRunnerRef;
  /** Where stderr goes. @default the stderr of this process */
  readonly stderr?: SinkNode;
}

/** Options of code as data; their types are those of `CodeOptions`. */
export interface CodeSettings {
  /** The value of an option, by name. */
  readonly [name: string]: CodeValue;
}

/** The value of an option of code: what JSON can represent, and bytes of files. */
export type CodeValue = Json | Uint8Array | readonly CodeValue[] | CodeSettings;

/** What runs code, as far as descriptions and plans need it. */
export interface CodeRunnerRef {
  /** Where the code runs: `vm`. */
  readonly kind: string;
  /** Always empty: the options belong to the code. */
  readonly options: { readonly [key: string]: Json };
  /** Returns the command line in the machine. Pure: it probes nothing. */
  argv(code: CodeNode): readonly string[];
  /** Returns the command line on this machine, with placeholders. Pure: it probes nothing. */
  hostArgv(code: CodeNode): readonly string[];
}

/** A stage that runs inside this process. */
export type TransformNode = { readonly type: "gzip" | "gunzip" | "cpio" } | DockerBuildNode;

/** How a Docker image is built. */
export interface DockerBuildOptions {
  /** The name of the image, such as `execvm:latest`. @default none */
  readonly tag?: string;
  /** The path of the Dockerfile in the context. @default "Dockerfile" */
  readonly file?: string;
  /** The stage of the Dockerfile to build. @default the last one */
  readonly target?: string;
  /** Values of the Dockerfile's `ARG`s. */
  readonly args?: Readonly<Record<string, string>>;
  /** The network for `RUN`, by Docker's name, such as `none`. @default Docker's default */
  readonly network?: string;
  /** The platform of the image, such as `linux/arm64`. @default that of the engine */
  readonly platform?: string;
  /** Whether to build with BuildKit (`true`) or the legacy builder. @default Docker's default */
  readonly buildkit?: boolean;
  /** The program to run: docker, or one with the same command line. @default "docker" */
  readonly binary?: string;
}

/** A stage that builds a Docker image from a tar archive of its context. */
export interface DockerBuildNode extends DockerBuildOptions {
  /** The kind of block. */
  readonly type: "dockerBuild";
}

/** A destination of bytes. */
export type SinkNode =
  | { readonly type: "file"; readonly name: string }
  | { readonly type: "untar"; readonly directory: string }
  | { readonly type: "stdout" }
  | { readonly type: "discard" }
  | { readonly type: "stream"; readonly writable: WritableStream<Uint8Array> };

/** A step between the source and the sink. */
export type StageNode = CommandNode | CodeNode | TransformNode;

/** A whole pipeline, as data. */
export interface Description {
  /** The source. @default no bytes */
  readonly source?: SourceNode;
  /** Commands, code and transforms, from left to right. */
  readonly stages: readonly StageNode[];
  /** The sink. @default the stdout of this process */
  readonly sink?: SinkNode;
}

/**
 * A runner as far as descriptions and plans need it: its name, its options, and its command line.
 */
export interface RunnerRef {
  /** The name of the runner in JSON and on the command line, such as `docker`. */
  readonly kind: string;
  /** The options of the runner, as in the JSON form. */
  readonly options: { readonly [key: string]: Json };
  /** Returns the command line on this machine that runs `command`. Pure: it probes nothing. */
  argv(command: CommandNode): readonly string[];
}

/** @deprecated The name of {@linkcode RunnerRef} up to version 0.1. */
export type Computer = RunnerRef;

/** Returns whether a stage is a command, which any runner can run. */
export function isCommand(stage: StageNode): stage is CommandNode {
  return stage.type === "command" || stage.type === "chain";
}

/** Freezes plain objects and arrays recursively, in place, and returns the value. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  const prototype = Object.getPrototypeOf(value);
  // Streams, runners and bytes belong to the caller, so they are not frozen.
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

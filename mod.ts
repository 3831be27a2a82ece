/**
 * execvm is `execve` for virtual machines: pipelines as data, whose commands run locally, in
 * virtual machines, in containers, on remote hosts, or on a cluster.
 *
 * ```ts
 * import { cmd, tar } from "@execvm/execvm";
 *
 * await tar("mod.ts", "src", { compress: "gzip" })
 *   .pipe(cmd("tar", "-tzf", "-"))
 *   .pipe(cmd("wc", "-l"))
 *   .text();
 * ```
 *
 * @module
 */

import { bindEngine } from "./src/blocks/engine.ts";
import { defaultEngine } from "./src/run/engine.ts";

bindEngine(defaultEngine);

export {
  type Argv,
  chain,
  type ChainOptions,
  cmd,
  type Command,
  type Word,
  type Words,
} from "./src/blocks/command.ts";
export { Each, each, type EachOptions } from "./src/blocks/each.ts";
export type {
  ChainNode,
  ChainStdout,
  CodeNode,
  CodeRunnerRef,
  CodeSettings,
  CodeValue,
  CommandNode,
  CommandOptions,
  Computer,
  Description,
  DockerBuildNode,
  DockerBuildOptions,
  EachItemNode,
  EachNode,
  EachSettings,
  Json,
  PlainCommandNode,
  PlainSourceNode,
  RetryReason,
  RetrySettings,
  RunnerRef,
  SinkNode,
  SourceNode,
  StageNode,
  TarNode,
  TransformNode,
} from "./src/model/nodes.ts";
export type { End, Pipeline, Sink, Started } from "./src/blocks/pipeline.ts";
export {
  bytes,
  empty,
  file,
  type FileBlock,
  type Source,
  stdin,
  stream,
  type StreamSink,
  tar,
  type TarOptions,
  text,
} from "./src/blocks/sources.ts";
export { eachFromJSON, fromJSON } from "./src/runners/from_json.ts";
export { discard, stdout, untar } from "./src/blocks/sinks.ts";
export { cpio, dockerBuild, gunzip, gzip } from "./src/blocks/transforms.ts";
export {
  CommandError,
  EdgeError,
  EndpointError,
  PlanError,
  RunnerError,
} from "./src/model/errors.ts";
export type { RunnerFailure } from "./src/model/errors.ts";
export type {
  EdgeKind,
  Plan,
  PlannedCode,
  PlannedCommand,
  PlannedStage,
  PlannedTransform,
} from "./src/model/plan.ts";
export type {
  EachResult,
  EndEvent,
  FailedLink,
  ItemEvent,
  ItemOutput,
  ItemResult,
  ItemStatus,
  PhaseEvent,
  Result,
  RunEvent,
  StageBytes,
  StageResult,
} from "./src/model/result.ts";
export type {
  Captured,
  CapturedEach,
  CapturedItem,
  CaptureOptions,
  Encoding,
  OutputAs,
} from "./src/model/captured.ts";
export type {
  InputStream,
  LineIterator,
  OutputStream,
  RunningPipeline,
  StartOptions,
  StderrMode,
} from "./src/model/running_pipeline.ts";
export type { CopiedFile, CopyOptions } from "./src/model/copy_options.ts";
export type { RunOptions } from "./src/model/run_options.ts";
export { type Observation, observe, type ObserveOptions } from "./src/observe/observe.ts";
export type {
  OutlinedStage,
  RunEnd,
  RunObserver,
  RunOutline,
  RunWatch,
} from "./src/model/run_observer.ts";
export type { SignalName } from "./src/libc/signals.ts";
export { prepareImage } from "./src/prepare/prepare_image.ts";
export type { GivenFile, PipOptions, PrepareOptions } from "./src/prepare/prepare_options.ts";
export type { ImageFormat } from "./src/prepare/image_format.ts";
export type { Image } from "./src/prepare/image.ts";
export type { ImageConfig } from "./src/images/image_config.ts";
export type {
  DebianOptions,
  RegistryOptions,
  SourceOptions,
  SourceProgress,
} from "./src/images/root_source.ts";
export type { Code } from "./src/blocks/code_block.ts";
export { code } from "./src/code/code.ts";
export type { CodeOptions } from "./src/code/code_options.ts";
export { outputs } from "./src/code/outputs_source.ts";
export { runCode } from "./src/code/run_code.ts";
export type { RunCodeOptions } from "./src/code/run_options.ts";
export type { LanguageName } from "./src/code/language.ts";
export type {
  CodeEnd,
  CodeOutputs,
  CodeResult,
  CodeStageResult,
  OutputMode,
} from "./src/model/code_result.ts";
export type { Artifact, Change, Entry } from "./src/workspace/artifact.ts";
export type { InodeKind } from "./src/ext4/inode.ts";
export type { LeftOut } from "./src/workspace/archive_changes.ts";
export type { FarOptions, RemoteOptions } from "./src/runners/remote/options.ts";
export { docker } from "./src/runners/docker/runner.ts";
export type { DockerOptions } from "./src/runners/docker/options.ts";
export type { MountOption, MountOptions } from "./src/runners/docker/mount.ts";
export { local } from "./src/runners/local/runner.ts";
export type { LocalOptions } from "./src/runners/local/options.ts";
export { slurm } from "./src/runners/slurm/runner.ts";
export type { SlurmOptions } from "./src/runners/slurm/options.ts";
export { ssh } from "./src/runners/ssh/runner.ts";
export type { SshOptions } from "./src/runners/ssh/options.ts";
export { vm } from "./src/runners/vm/runner.ts";
export type { VmOptions } from "./src/vm/options.ts";
export type { RootImage } from "./src/vm/root_option.ts";
export type { DeviceOption, DeviceOptions } from "./src/disks/devices.ts";
export type { Fd } from "./src/libc/fd.ts";
export type {
  CommandEnd,
  ExitStatus,
  Gang,
  Gathering,
  OnPhase,
  Recipient,
  Runner,
  Running,
  TellPhase,
} from "./src/runners/contract/runner.ts";
export { type Copier, MissingPath, type RemoteFiles } from "./src/runners/contract/copies.ts";
export type { InputEnd, OutputEnd, Stdio } from "./src/io/ends.ts";
export { voidRunner } from "./src/runners/void/runner.ts";
export type { VoidOptions } from "./src/runners/void/options.ts";

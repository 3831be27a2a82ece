// Converts an image to another format in a machine, where the mkfs program is root and can keep
// owners, devices and extended attributes, whatever user runs execvm.

import { LIBRARY_FOLDER, stageProgram } from "../../guest-build/stage_program.ts";
import { packTar } from "../archive/pack_tar.ts";
import { programPath } from "../host/program_path.ts";
import { scratchFolder } from "../host/scratch_folder.ts";
import { manifestEntries, manifestPath } from "../images/manifest.ts";
import { readStamp, type RootStamp } from "../images/stamp_root.ts";
import { editExt4, rootFields } from "./ext4_fields.ts";
import { setFarTimes } from "./far_times.ts";
import { CONVERT } from "./guest_programs.ts";
import {
  finishErofs,
  type Formatter,
  FORMATTERS,
  hasXattrs,
  type ImageFormat,
  spaceFor,
} from "./image_format.ts";
import { StepMachine, type StepMachineOptions } from "./step_machine.ts";

/** Its path in the machine. */
const PROGRAM = "/bin/format";

/**
 * Makes the image `target`, which must not exist, and its manifest from a squashfs with one.
 *
 * @throws {MachineError} if no machine can be started.
 * @throws {Error} if the program is missing or fails.
 */
export async function convertImage(
  squashfs: string,
  target: string,
  { format, ...options }: StepMachineOptions & {
    readonly format: Exclude<ImageFormat, "squashfs">;
  },
): Promise<void> {
  const formatter = FORMATTERS[format];
  await using folder = await scratchFolder();
  await stageProgram(findProgram(formatter), folder.path, PROGRAM);
  const needed = await spaceFor(manifestEntries(squashfs));
  const space = { ...needed, hasXattrs: hasXattrs(squashfs) };
  await Deno.writeFile(target, new Uint8Array(), { createNew: true });
  await Deno.truncate(target, space.bytes);
  const devices = { [squashfs]: "/dev/vda", [target]: { path: "/dev/vdb", write: true } };
  await using machine = await StepMachine.boot({ ...options, network: false }, devices);
  await machine.text(`making an ${format}`, {
    argv: ["sh", "-c", CONVERT, "sh", PROGRAM, ...formatter.args("/dev/vdb", "/base", space)],
    env: { ...formatter.env, TOOL_LIBRARIES: LIBRARY_FOLDER },
    input: packTar(["."], { directory: folder.path }),
  });
  await machine[Symbol.asyncDispose]();
  if (format === "erofs") finishErofs(target);
  else await finishExt4(target, readStamp(squashfs), squashfs);
  await setFarTimes(target, format, manifestEntries(squashfs));
  await Deno.copyFile(manifestPath(squashfs), manifestPath(target));
}

function findProgram({ program, install }: Formatter): string {
  const path = programPath(program);
  if (path !== undefined) return path;
  throw new Error(`cannot make the image: there is no program ${program}: ${install}`);
}

/**
 * Removes the folder that mke2fs always makes, and sets mode, owner and time of the root folder.
 */
async function finishExt4(
  image: string,
  root: RootStamp,
  squashfs: string,
): Promise<void> {
  let isTheirs = false;
  for await (const { path } of manifestEntries(squashfs)) isTheirs ||= path === "/lost+found";
  await editExt4(image, [...(isTheirs ? [] : ["rmdir lost+found"]), ...rootFields(root)]);
}

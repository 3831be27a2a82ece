import assert from "node:assert/strict";
import { remoteFiles } from "../../../src/runners/remote/copy_files.ts";
import { tempDir } from "../../support/temp_dir.ts";

/** The files of this machine, as those of a remote host. */
function localFiles(folder: string) {
  return remoteFiles(async ([program, ...args], { stdout }) => {
    const command = new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const child = command.spawn();
    const stderr = new Response(child.stderr).text();
    await child.stdout.pipeTo(stdout!);
    return { code: (await child.status).code, stderr: await stderr };
  }, folder);
}

const HIDDEN = "the kernel makes this file as it is read: copy its content to another file first";

Deno.test("a file that has content but no size is refused, not packed without its content", async () => {
  using folder = tempDir();
  Deno.symlinkSync("/proc/version", `${folder.path}/link`);
  const files = localFiles(folder.path);
  for (const path of ["/proc/version", "link"]) {
    await assert.rejects(new Response(files.pack(path)).bytes(), { message: HIDDEN });
  }
});

Deno.test("an empty file is packed", async () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/empty`, "");
  const tar = await new Response(localFiles(folder.path).pack("empty")).bytes();
  assert.match(new TextDecoder().decode(tar), /^\.\/empty\0/);
});

import assert from "node:assert/strict";
import { tarArgv } from "../../src/guest/tar.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("a file that has content but no size is refused, not packed without its content", () => {
  const [program, , text] = tarArgv({ pack: "/proc/version" });
  assert.equal(program, "sh");
  assert.match(text!, /^echo 'the kernel makes this file as it is read: .*' >&2; exit 1$/);
});

Deno.test("empty files, files with content and folders are packed", () => {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/empty`, "");
  Deno.writeTextFileSync(`${folder.path}/full`, "1");
  for (const name of ["empty", "full", "."]) {
    assert.equal(tarArgv({ pack: `${folder.path}/${name}` })[0], "tar");
  }
});

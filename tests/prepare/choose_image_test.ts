// Looks up images by name.

import "../support/test_cache.ts";
import assert from "node:assert/strict";
import { prepareImage } from "../../mod.ts";
import { chooseImage } from "../../src/prepare/choose_image.ts";
import { rawTar } from "../archive/fixture.ts";
import { needs } from "../support/tools.ts";
import { tempDir } from "../support/temp_dir.ts";
import { templateCache } from "../support/template_cache.ts";

Deno.test({
  ...needs(
    "chooseImage() finds an unambiguous image by its name or key, and never by an empty name",
    "sqfstar",
  ),
  async fn() {
    using _cache = templateCache();
    using folder = tempDir();
    const from = `${folder.path}/root.tar`;
    Deno.writeFileSync(from, rawTar({ name: "a", data: "a" }));
    const image = await prepareImage({ from, name: "one" });
    for (const name of ["one", image.key, image.key.slice(0, 6)]) {
      assert.deepEqual(chooseImage(name), image, name);
    }
    for (const name of ["", "other", image.key.slice(0, 3), "/"]) {
      assert.throws(() => chooseImage(name), {
        name: "UsageError",
        message: `cannot take the image ${JSON.stringify(name)}: there is none`,
      });
    }
    for (const name of ["on", "One", "one "]) {
      assert.throws(() => chooseImage(name), {
        name: "UsageError",
        message: `cannot take the image ${JSON.stringify(name)}: there is none (did you mean one?)`,
      });
    }
  },
});

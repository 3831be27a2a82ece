import assert from "node:assert/strict";
import { StepLines } from "../../src/prepare/step_lines.ts";

Deno.test("StepLines writes one line per step, and none for each file", () => {
  const lines: string[] = [];
  using steps = new StepLines("debian:bookworm", (line) => void lines.push(line));
  steps.step("packing the image");
  for (const files of [1, 2, 3]) steps.step("packing the image", files);
  steps.step("booting a machine");
  assert.deepEqual(lines, [
    "debian:bookworm: packing the image",
    "debian:bookworm: booting a machine",
  ]);
});

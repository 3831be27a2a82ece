import assert from "node:assert/strict";
import { didYouMean } from "../../src/model/did_you_mean.ts";

const KNOWN = ["run", "pipe", "plan", "template", "--memory", "docker"];

const MEANT: readonly [string, string | undefined][] = [
  ["rnu", "run"],
  ["ru", "run"],
  ["runn", "run"],
  ["RUN", "run"],
  ["--memroy", "--memory"],
  ["dokcer", "docker"],
  ["tmplate", "template"],
  ["bake", undefined],
  ["x", undefined],
  ["", undefined],
  ["pipeline", undefined],
];

for (const [word, meant] of MEANT) {
  Deno.test(`didYouMean() suggests ${meant ?? "nothing"} for ${JSON.stringify(word)}`, () => {
    const expected = meant === undefined ? "" : ` (did you mean ${meant}?)`;
    assert.equal(didYouMean(word, KNOWN), expected);
  });
}

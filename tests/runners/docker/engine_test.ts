import assert from "node:assert/strict";
import { toFate } from "../../../src/runners/docker/engine.ts";

function lines(...events: unknown[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

const FATES = [
  ["a container that was never created", [], { isCreated: false, isRemoved: false }],
  ["one that has ended", [
    { Action: "create", status: "create" },
    { Action: "start" },
    { Action: "die", Actor: { Attributes: { exitCode: "125" } } },
    { Action: "destroy" },
  ], { isCreated: true, isRemoved: true, exitCode: 125 }],
  ["one that could not start", [{ Action: "create" }, { Action: "destroy" }], {
    isCreated: true,
    isRemoved: true,
  }],
  ["one that got no network, and so was killed before its command started", [
    { Action: "create" },
    { Action: "attach" },
    { Action: "die", Actor: { Attributes: { exitCode: "137" } } },
    { Action: "destroy" },
  ], { isCreated: true, isRemoved: true }],
  ["one that ran so long that the engine has forgotten its start", [
    { Action: "die", Actor: { Attributes: { exitCode: "7" } } },
    { Action: "destroy" },
  ], { isCreated: false, isRemoved: true, exitCode: 7 }],
  ["one of podman whose start is forgotten", [
    { Status: "died", ContainerExitCode: 7 },
    { Status: "remove" },
  ], { isCreated: false, isRemoved: true, exitCode: 7 }],
  ["one that runs", [{ Action: "create" }, { Action: "start" }], {
    isCreated: true,
    isRemoved: false,
  }],
  ["one of podman", [
    { Status: "create" },
    { Status: "start" },
    { Status: "died", ContainerExitCode: 3 },
    { Status: "remove" },
  ], { isCreated: true, isRemoved: true, exitCode: 3 }],
] as const;

for (const [name, events, fate] of FATES) {
  Deno.test(`toFate() recognizes ${name}`, () => {
    assert.deepEqual(toFate(lines(...events)), fate);
  });
}

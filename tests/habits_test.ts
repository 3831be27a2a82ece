// Checks the files that people expect besides code: changelog, findings, contributing and security
// pages.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { VERSION } from "../src/self/version.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}${path}`);
}

/** The kinds of changes of Keep a Changelog. */
const KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/** The headings of one level. */
function headings(text: string, level: string): string[] {
  return [...text.matchAll(new RegExp(`^${level} (.*)$`, "gm"))].map(([, heading]) => heading!);
}

Deno.test("CHANGELOG.md begins with Unreleased, and has a section for the version of deno.json", () => {
  const [unreleased, ...released] = headings(read("CHANGELOG.md"), "##");
  assert.equal(unreleased, "[Unreleased]");
  const versions = released.map((heading) => {
    const [, version, day] = /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$/.exec(heading) ?? [];
    assert.ok(version !== undefined, heading);
    return { version, day: day! };
  });
  assert.ok(versions.some(({ version }) => version === VERSION), VERSION);
  const days = versions.map(({ day }) => day);
  assert.deepEqual(days, days.toSorted().reverse());
});

Deno.test("CHANGELOG.md uses only the kinds of changes of Keep a Changelog", () => {
  for (const kind of headings(read("CHANGELOG.md"), "###")) assert.ok(KINDS.includes(kind), kind);
});

const FINDINGS = [...Deno.readDirSync(`${ROOT}findings`)].map(({ name }) => name)
  .filter((name) => name.endsWith(".sh")).sort();

/** The form that findings/README.md requires, of a script whose comment lines are joined. */
const FORM: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["#!/bin/sh", /^#!\/bin\/sh\n/],
  [
    "a version, and the date when it was seen, in a separate paragraph",
    /^[^\n]*\n[^\n]*\d[^\n]* {2}Seen on \d{4}-\d{2}-\d{2}\b/,
  ],
  ["what it needs", / {2}Seen on [^\n]*\. Needs [^\n]*\. /],
  ["what its status says", / {2}Seen on [^\n]* Exits with status 1 if [^\n]*\.\n/],
  ["set -eu", /^set -eu$/m],
  ["a folder that is removed", /^folder=\$\(mktemp -d\)\ntrap 'rm -rf .*"\$folder"' EXIT$/m],
  ["diff in the end", /^diff "?\S*expected"? "?\S*seen"?\n$/m],
];

/** The parts of the form that a script lacks. */
function lacks(script: string): string[] {
  const end = script.search(/^[^#]/m);
  const [first = "", ...comment] = script.slice(0, end).trimEnd().split("\n");
  const joined = comment.map((line) => line.replace(/^# ?/, "")).join(" ");
  const text = `${first}\n${joined}\n${script.slice(end)}`;
  return FORM.filter(([, pattern]) => !pattern.test(text)).map(([what]) => what);
}

for (const name of FINDINGS) {
  Deno.test(`findings/${name} has the form that findings/README.md states`, () => {
    assert.deepEqual(lacks(read(`findings/${name}`)), []);
  });
}

Deno.test("a missing part of a findings script is detected", () => {
  assert.deepEqual(lacks("#!/bin/sh\n# Nothing is said.\ntrue\n"), FORM.slice(1).map(([it]) => it));
  assert.deepEqual(lacks("true\n"), FORM.map(([what]) => what));
});

for (const page of ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "findings/README.md"]) {
  Deno.test(`the links of ${page} lead to existing files`, () => {
    const folder = page.replace(/[^/]*$/, "");
    const links = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
    for (const target of links.filter((it) => !it.startsWith("https://"))) {
      assert.ok(Deno.statSync(`${ROOT}${folder}${target}`).isFile, target);
    }
  });
}

Deno.test("CONTRIBUTING.md and SECURITY.md name existing files and tasks", () => {
  const text = read("CONTRIBUTING.md") + read("SECURITY.md");
  const paths = [...text.matchAll(/`((?:src|tests|findings)\/[\w/.-]+)`/g)].map(([, path]) =>
    path!
  );
  assert.ok(paths.length > 5);
  for (const path of paths.filter((it) => !it.includes("NAME"))) {
    assert.ok(Deno.statSync(`${ROOT}${path}`), path);
  }
  const { tasks } = JSON.parse(read("deno.json"));
  const named = [...text.matchAll(/`deno task ([\w:]+)/g)].map(([, name]) => name!);
  assert.deepEqual(named.filter((name) => !(name in tasks)), []);
});

import assert from "node:assert/strict";
import { cmd, docker, type DockerOptions } from "../../../mod.ts";
import { parseMount } from "../../../src/runners/docker/mount.ts";

/** Returns the arguments before the image that `options` add to the usual ones. */
function given(options: Partial<DockerOptions>): string[] {
  const argv = docker({ image: "IMAGE", ...options }).argv(cmd("true").node);
  const usual = docker({ image: "IMAGE" }).argv(cmd("true").node);
  const fixed = usual.slice(0, usual.indexOf("IMAGE"));
  assert.deepEqual(argv.slice(-2), ["IMAGE", "true"]);
  const left = [...fixed];
  return argv.slice(0, -2).filter((word) => {
    const place = left.indexOf(word);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

Deno.test("a container has no network, no log, no entry point and no pull unless asked for", () => {
  const argv = docker({ image: "busybox" }).argv(cmd("wc", "-c").node);
  assert.equal(
    argv.join(" "),
    "docker run -i --rm --init --name NAME --log-driver none --entrypoint  " +
      "--pull never --network none busybox wc -c",
  );
});

const FLAGS: readonly (readonly [Partial<DockerOptions>, readonly string[]])[] = [
  [{ user: "1:2" }, ["--user", "1:2"]],
  [{ workdir: "/w" }, ["--workdir", "/w"]],
  [{ memoryMib: 512 }, ["--memory", "512m"]],
  [{ cpus: 0.5 }, ["--cpus", "0.5"]],
  [{ platform: "linux/arm64" }, ["--platform", "linux/arm64"]],
  [{ network: "bridge" }, ["bridge"]],
  [{ pull: "missing" }, ["missing"]],
  [{ binary: "podman" }, ["podman"]],
  [{ env: { A: "b c", E: "" } }, ["-e", "A=b c", "-e", "E="]],
  [{ mounts: { "/a": "/b" } }, ["--mount", "type=bind,source=/a,target=/b,readonly"]],
  [{ mounts: { "/a": { path: "/b", write: true } } }, ["--mount", "type=bind,source=/a,target=/b"]],
  [{ mounts: { '/a,"b"': "/c" } }, [
    "--mount",
    'type=bind,"source=/a,""b""",target=/c,readonly',
  ]],
];

for (const [options, words] of FLAGS) {
  Deno.test(`${JSON.stringify(options)} becomes ${words.join(" ")}`, () => {
    assert.deepEqual(given(options), words);
  });
}

Deno.test("env and cwd of a command take precedence", () => {
  const runner = docker({ image: "IMAGE", env: { A: "1", B: "2" }, workdir: "/w" });
  const argv = runner.argv(cmd("true").env({ B: "3" }).cwd("/c").node).join(" ");
  assert.match(argv, /--workdir \/c -e A=1 -e B=3 IMAGE true$/);
});

Deno.test("docker gets text only, and a constant program decodes what is not UTF-8", () => {
  const odd = Uint8Array.of(0x61, 0xff);
  const command = cmd("rm", odd, "é").env({ A: odd, B: "1" }).cwd(odd);
  const argv = docker({ image: "IMAGE" }).argv(command.node);
  assert.ok(argv.every((word) => word.isWellFormed()));
  assert.match(argv.slice(0, argv.indexOf("IMAGE")).join(" "), / -e B=1$/);
  const [shell, flag, program, ...words] = argv.slice(argv.indexOf("IMAGE") + 1);
  assert.deepEqual([shell, flag], ["sh", "-c"]);
  assert.deepEqual(words, [
    "sh",
    "a\\0377",
    "env",
    "--",
    "A=a\\0377",
    "rm",
    "a\\0377",
    "\\0303\\0251",
  ]);
  const other = docker({ image: "IMAGE" }).argv(cmd(odd).node);
  assert.equal(other[other.indexOf("IMAGE") + 3], program);
});

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [{}, /no image is given/],
  [{ image: "" }, /"" is not an image/],
  [{ image: "--privileged" }, /"--privileged" is not an image/],
  [{ image: "a", pull: "sometimes" }, /pull must be missing, never or always/],
  [{ image: "a", env: { "A=": "b" } }, /"A="/],
  [{ image: "a", mounts: { "/a": { path: "/b", wirte: true } } }, /cannot mount "\/a"/],
];

for (const [options, message] of WRONG) {
  Deno.test(`docker() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => docker(options as DockerOptions), { name: "TypeError", message });
  });
}

Deno.test("parseMount() reads HOST:GUEST and HOST:GUEST:rw", () => {
  assert.deepEqual(parseMount("/a b:/c"), ["/a b", "/c"]);
  assert.deepEqual(parseMount("/a:/c:rw"), ["/a", { path: "/c", write: true }]);
  assert.deepEqual(parseMount("/a:/c:ro"), ["/a", "/c"]);
  assert.throws(() => parseMount("/a"), SyntaxError);
  assert.throws(() => parseMount("/a:b"), SyntaxError);
});

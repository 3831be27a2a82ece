import assert from "node:assert/strict";
import { type DockerEnd, interpretExit, isAmbiguous } from "../../../src/runners/docker/verdict.ts";

const NO_IMAGE = "docker: Error response from daemon: No such image: nowhere:latest.\n" +
  "See 'docker run --help'.\n";

function ended(status: DockerEnd["status"], rest: Partial<DockerEnd> = {}): DockerEnd {
  return { status, words: "", fatal: undefined, ...rest };
}

/** Ends that are unambiguous, so that a run needs a single process of docker. */
const CLEAR: readonly DockerEnd[] = [
  ended({ code: 0 }),
  ended({ code: 1 }),
  ended({ code: 1 }, { words: "write error: Broken pipe\n" }),
  ended({ code: 126 }, { words: "[FATAL tini (7)] exec / failed: Permission denied\n" }),
  ended({ code: 127 }, { words: "sh: nothing: not found\n" }),
  ended({ code: 137 }),
  ended({ code: 0 }, { words: "write /dev/stdout: broken pipe\n" }),
];

for (const end of CLEAR) {
  Deno.test(`${JSON.stringify(end)} is unambiguous`, () => {
    assert.equal(isAmbiguous(end), false);
  });
}

const AMBIGUOUS: readonly (readonly [string, DockerEnd])[] = [
  ["code 125", ended({ code: 125 })],
  [
    "code 126 with a message of docker",
    ended({ code: 126 }, { words: "docker: permission denied\n" }),
  ],
  ["code 127 that only a terminal has seen", ended({ code: 127 }, { words: undefined })],
  ["code 1 with a broken pipe", ended({ code: 1 }, { words: "write /dev/stdout: broken pipe\n" })],
  ["docker killed from outside", ended({ signal: "SIGKILL" })],
  ["code 0 after a signal from us", ended({ code: 0 }, { fatal: "SIGTERM" })],
];

for (const [name, end] of AMBIGUOUS) {
  Deno.test(`${name} is the command's own if the engine saw it end`, () => {
    assert.equal(isAmbiguous(end), true);
    const fate = { isCreated: true, isRemoved: true, exitCode: 7 };
    assert.deepEqual(interpretExit(end, fate), { exitCode: 7 });
  });
}

const UNSEEN: readonly (readonly [string, DockerEnd, unknown])[] = [
  ["code 125", ended({ code: 125 }), { failure: "docker ended with code 125" }],
  [
    "a missing image",
    ended({ code: 125 }, { words: NO_IMAGE }),
    {
      failure:
        'there is no image nowhere:latest here: docker pull nowhere:latest, or set pull to "missing"',
    },
  ],
  [
    "a wrong option",
    ended({ code: 125 }, {
      words: "docker: Error response from daemon: network x not found.\nSee 'docker run --help'.\n",
    }),
    { failure: "network x not found." },
  ],
  [
    "a wrong option, in the words of Docker 28",
    ended({ code: 125 }, {
      words: "docker: Error response from daemon: failed to set up container networking: " +
        "network x not found\n\nRun 'docker run --help' for more information\n",
    }),
    { failure: "failed to set up container networking: network x not found" },
  ],
  [
    "an option that docker does not know",
    ended({ code: 125 }, { words: "unknown flag: --pull\nSee 'docker run --help'.\n" }),
    { failure: "unknown flag: --pull" },
  ],
  [
    "an option that Docker 28 does not know",
    ended({ code: 125 }, {
      words: "unknown flag: --x\n\nUsage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n" +
        "Run 'docker run --help' for more information\n",
    }),
    { failure: "unknown flag: --x" },
  ],
  [
    "a wrong option, with a line of the log",
    ended({ code: 125 }, { words: 'docker: it is wrong\ntime="x" level=error msg="gone"\n' }),
    { failure: "it is wrong" },
  ],
  [
    "a connection that broke",
    ended({ code: 125 }, { words: 'time="x" level=error msg="unexpected EOF"\n' }),
    { failure: "unexpected EOF" },
  ],
  ["docker killed from outside", ended({ signal: "SIGKILL" }), {
    failure: "docker was killed by SIGKILL",
  }],
  ["a signal from us", ended({ code: 0 }, { fatal: "SIGTERM" }), { signal: "SIGTERM" }],
  ["a broken pipe", ended({ code: 1 }, { words: "x\nwrite /dev/stdout: broken pipe\n" }), {
    signal: "SIGPIPE",
  }],
  ["a full disk", ended({ code: 1 }, { words: "write /dev/stdout: no space left on device\n" }), {
    failure: "its output cannot be written: no space left on device",
  }],
  ["code 127 of docker", ended({ code: 127 }, { words: "docker: not found\n" }), { exitCode: 127 }],
];

for (const [name, end, verdict] of UNSEEN) {
  Deno.test(`${name} means ${JSON.stringify(verdict)} if no command has ended`, () => {
    for (const fate of [undefined, { isCreated: true, isRemoved: false }]) {
      assert.deepEqual(interpretExit(end, fate), verdict);
    }
  });
}

import assert from "node:assert/strict";
import {
  explain,
  explainConnect,
  interpretExit,
  isAmbiguous,
  type SshEnd,
  type Verdict,
} from "../../../src/runners/ssh/verdict.ts";

Deno.test("only 255 and the death of ssh by a signal are ambiguous", () => {
  const statuses = [{ code: 0 }, { code: 254 }, { code: 255 }, { signal: "SIGKILL" }] as const;
  assert.deepEqual(statuses.map(isAmbiguous), [false, false, true, true]);
});

const FAILED = { code: 255 } as const;
const KILLED = { signal: "SIGKILL" } as const;

const ENDS: readonly (readonly [string, Partial<SshEnd>, Verdict])[] = [
  ["a code of 255 that is the command's own", { note: "ended 255 12" }, { exitCode: 255 }],
  ["a code, though ssh was killed", { status: KILLED, note: "ended 3 12" }, { exitCode: 3 }],
  ["a folder that does not exist", { note: "folder" }, {
    failure: "its folder does not exist, or is not a folder",
  }],
  ["a command that was killed", { note: "12", fatal: "SIGKILL" }, { signal: "SIGKILL" }],
  ["one that was killed before it started", { note: "barred", fatal: "SIGTERM" }, {
    signal: "SIGTERM",
  }],
  ["one that was killed with its connection", { fatal: "SIGTERM" }, { signal: "SIGTERM" }],
  ["an ssh that was killed", { status: KILLED, note: "12" }, {
    failure: "ssh was killed by SIGKILL",
  }],
  ["a connection that broke", { words: "Timeout, server not responding.\r\n" }, {
    failure: "Timeout, server not responding.",
  }],
  ["a connection that broke without a message", {}, { failure: "the connection was lost" }],
];

for (const [name, end, verdict] of ENDS) {
  Deno.test(`interpretExit() handles ${name}`, () => {
    const usual = { status: FAILED, note: undefined, fatal: undefined, words: "" };
    assert.deepEqual(interpretExit({ ...usual, ...end }), verdict);
  });
}

Deno.test("explain() says what to do about keys", () => {
  assert.match(explain("Host key verification failed.\r\n"), /known_hosts$/);
  assert.match(explain("root@h: Permission denied (publickey).\n"), /Use another user/);
  const changed =
    "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.";
  assert.match(explain(changed), /^Host key verification failed\. .*ssh-keygen -R/);
});

/** Messages of clients, by version, about a server of 10.0 or 10.6 that refuses their address. */
const TURNED_AWAY: readonly (readonly [string, string])[] = [
  [
    "9.2",
    "kex_exchange_identification: read: Connection reset by peer\r\n" +
    "Connection reset by 192.0.2.1 port 22\r\n",
  ],
  [
    "9.2",
    "kex_exchange_identification: Connection closed by remote host\r\n" +
    "Connection closed by 192.0.2.1 port 22\r\n",
  ],
  ["10.6", "Connection closed by 192.0.2.1 port 22\r\n"],
  ["10.6, by a ProxyCommand", "Connection closed by UNKNOWN port 65535\r\n"],
];

for (const [version, words] of TURNED_AWAY) {
  Deno.test(`explainConnect() recognizes that a client of ${version} is turned away: ${words}`, () => {
    assert.match(explainConnect(words), /^Connection .* port \d+: after failed logins .* wait/);
  });
}

Deno.test("explainConnect() adds nothing to other failures", () => {
  for (
    const words of [
      "ssh: connect to host h port 22: Connection refused\r\n",
      "Connection timed out during banner exchange\r\n",
      "Connection to h closed by remote host.\r\n",
    ]
  ) {
    assert.equal(explainConnect(words), words.trim());
  }
});

// The conformance table over ssh, with a real sshd on this machine.

import { ssh } from "../../mod.ts";
import { makeHost, shellsWith, SSH } from "../support/sshd.ts";
import { isInstalled } from "../support/tools.ts";
import type { Subject } from "./row.ts";
import { conformance, COPYING_ROWS } from "./suite.ts";

const { options } = await makeHost();
const shared = ssh(options);
// A relative path, so that the run has a folder of its own.
const copying = ssh({ ...options, files: { copied: Uint8Array.of(1) } });
const onTerminal = ssh({ ...options, tty: true });

// Their connections last until this process exits, so they are made before the first test.
if (SSH.every(isInstalled)) {
  await Promise.all([shared, copying, onTerminal].map((runner) => runner.cmd("true").run()));
}

const subject: Subject = {
  name: "ssh",
  needs: SSH,
  isSlow: true,
  codesAreSignals: "ssh passes on an exit code only, 128+n for a death by signal n",
  runner: () => shared,
  hasRunFolder: true,
  copying: (copies) => ssh({ ...options, ...copies }),
  terminal: () => onTerminal,
  leftovers: shellsWith,
};

conformance(subject);
conformance({ ...subject, name: "ssh with files", runner: () => copying }, COPYING_ROWS);

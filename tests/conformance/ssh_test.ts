// The conformance table over ssh, to a real sshd of this machine.

import { ssh } from "../../mod.ts";
import { makeHost, shellsWith, SSH } from "../support/sshd.ts";
import { isInstalled } from "../support/tools.ts";
import { conformance } from "./suite.ts";

const { options } = await makeHost();
const shared = ssh(options);
const onTerminal = ssh({ ...options, tty: true });

// Their connections last as long as this process: they are made before the first test.
if (SSH.every(isInstalled)) {
  await Promise.all([shared, onTerminal].map((runner) => runner.cmd("true").run()));
}

conformance({
  name: "ssh",
  needs: SSH,
  isSlow: true,
  codesAreSignals: "ssh passes on an exit code only, 128+n for a death by signal n",
  runner: () => shared,
  terminal: () => onTerminal,
  leftovers: shellsWith,
});

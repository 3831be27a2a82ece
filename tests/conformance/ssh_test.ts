// The conformance table over ssh, with a real sshd on this machine.

import { ssh } from "../../mod.ts";
import { makeHost, shellsWith, SSH } from "../support/sshd.ts";
import { isInstalled } from "../support/tools.ts";
import { conformance } from "./suite.ts";

const { options } = await makeHost();
const shared = ssh(options);
const onTerminal = ssh({ ...options, tty: true });

// Their connections last until this process exits, so they are made before the first test.
if (SSH.every(isInstalled)) {
  await Promise.all([shared, onTerminal].map((runner) => runner.cmd("true").run()));
}

conformance({
  name: "ssh",
  needs: SSH,
  isSlow: true,
  codesAreSignals: "ssh passes on an exit code only, 128+n for a death by signal n",
  runner: () => shared,
  copying: (copies) => ssh({ ...options, ...copies }),
  terminal: () => onTerminal,
  leftovers: shellsWith,
});

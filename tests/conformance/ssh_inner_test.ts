// The conformance table over ssh with an execvm on the remote host: all rows with the local runner
// inside, and with virtual machines inside the rows on what the protocol has to carry.

import { local, ssh, vm } from "../../mod.ts";
import { makeRemoteHost } from "../support/remote_host.ts";
import { KERNEL } from "../support/kernel.ts";
import { processesLike } from "../support/processes.ts";
import { SSH } from "../support/sshd.ts";
import { isInstalled } from "../support/tools.ts";
import { conformance, ROWS } from "./suite.ts";

const { options } = await makeRemoteHost();
const inLocal = ssh({ ...options, inner: local() });
const onTerminal = ssh({ ...options, inner: local({ tty: true }) });
const inMachine = ssh({ ...options, inner: vm() });
const onMachineTerminal = ssh({ ...options, inner: vm({ tty: true }) });

// Their connections last until this process exits, so they are made before the first test.
if (SSH.every(isInstalled)) {
  const all = [inLocal, onTerminal, inMachine, onMachineTerminal];
  await Promise.all(all.map((runner) => runner.cmd("true").run({ check: false })));
}

/**
 * Volume and speed do not depend on the inner runner, so those rows are left to ssh's own table.
 */
const BULK = [
  "1 GiB comes through with the same sha256",
  "a slow reader holds the writer back, with flat memory",
  "a writer is not let run ahead of a reader that has stopped",
];

/** The rows on what the protocol has to carry for an inner machine. */
const CARRIED = [
  "stdin is exact for bytes 0 to 255",
  "stderr is apart from stdout",
  "death by a signal is told as that signal",
  "a command that is not found gives 127",
  "yes | head -1 ends, and that yes dies of SIGPIPE is no failure",
  "the argv of a chain arrives word for word",
  "a chain that fails names the command, whichever it is, and says nothing else",
  "what all but the last of a chain print goes to the output, to stderr, or nowhere",
  "argv that is not UTF-8 arrives byte for byte",
  "env that is not UTF-8 arrives byte for byte, beside what is",
  "100 kB of argv arrive",
  "env arrives: spaces, newlines, =, unicode, empty values",
  "a cwd that is not there is an error of the runner",
  "with a terminal TERM and COLORTERM arrive, unless the command has its own",
  "a terminal that was asked for is a real one",
  "an AbortSignal ends it within 2 s and leaves nothing behind",
  "killing execvm with SIGKILL leaves no process and no file after 5 s",
];

conformance({
  name: "ssh with local inside",
  needs: SSH,
  isSlow: true,
  runner: () => inLocal,
  terminal: () => onTerminal,
  leftovers: processesLike,
}, ROWS.map(({ name }) => name).filter((name) => !BULK.includes(name)));

conformance({
  name: "ssh with vm inside",
  needs: [...SSH, "qemu-system-x86_64", "busybox", KERNEL],
  isSlow: true,
  runner: () => inMachine,
  terminal: () => onMachineTerminal,
  leftovers: processesLike,
}, CARRIED);

// The cost of a command over ssh, compared with plain `ssh` over an open connection.

import { ssh } from "../../../mod.ts";
import { makeHost, SSH } from "../../support/sshd.ts";
import { isInstalled } from "../../support/tools.ts";
import type { Contender } from "../measure.ts";
import type { Row } from "../row.ts";
import { outputOf, requireOutput } from "../run_child.ts";
import type { Sizes } from "./sizes.ts";

const PLAIN = "ssh, shared";

/** Returns the rows for ssh; none if the tests' host cannot be set up. */
export function sshRows({ rounds }: Sizes): Row[] {
  if (!SSH.every(isInstalled)) return [];
  let runner = ssh({ host: "none" });
  let plain: readonly string[] = [];
  const prepare = async () => {
    const { folder, options } = await makeHost();
    runner = ssh(options);
    await runner.cmd("true").run();
    const { host, user, identity, options: more } = options;
    const rest = Object.entries(more!).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    plain = [...rest, "-l", user!, "-i", identity!, "-S", `${folder}/socket`, host];
    // It stays in the background while it is used, and would keep our pipes open.
    const connect = ["-o", "ControlMaster=auto", "-o", "ControlPersist=20", ...plain, "true"];
    await outputOf("sh", ["-c", 'exec "$@" >/dev/null 2>&1', "sh", "ssh", ...connect]);
  };
  return [{
    name: "ssh-command",
    title: "a command on another host: echo x, to its end",
    unit: "ms",
    rounds,
    baseline: PLAIN,
    prepare,
    contenders: [
      command(PLAIN, () => outputOf("ssh", [...plain, "echo", "x"])),
      command("execvm", async () => `${await runner.cmd("echo", "x").text()}\n`),
    ],
    targets: [{ contender: "execvm", against: PLAIN, limit: { atMost: 1.2 } }],
  }];
}

function command(name: string, run: () => Promise<string>): Contender {
  return {
    name,
    async measure() {
      const started = performance.now();
      const output = await run();
      const ms = performance.now() - started;
      requireOutput(name, output, "x\n");
      return ms;
    },
  };
}

// A real sshd for tests: one for each connection, which speaks over the pipes of its ProxyCommand. There
// is no port and no server to end: it ends with the connection, also when whoever holds that is killed.

import type { SshOptions } from "../../mod.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { isInstalled } from "./tools.ts";

const SSHD = "/usr/sbin/sshd";

/** What a test by ssh needs: sshd lets root in as root only. */
export const SSH: readonly string[] = Deno.uid() === 0
  ? ["ssh", "ssh-keygen", SSHD]
  : ["/an/sshd/started/as/root"];

/** The name of the host, which only its key is known by. */
export const HOST = "execvm-test-host";

/** A host of its own, in a folder that is removed when this process ends. */
export interface TestHost {
  readonly folder: string;
  /** What the ssh runner takes to get there. */
  readonly options: SshOptions;
}

/**
 * Makes the keys and the configuration of a host. Does nothing where there can be none.
 *
 * @param toEnvironment the variables that its sessions have beside the usual ones, by its folder
 */
export async function makeHost(
  toEnvironment: (folder: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<TestHost> {
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-ssh-" });
  killWithUs({ path: folder });
  // An execvm over there finds what Deno has fetched for us, also where HOME is not that of the passwd file.
  const { HOME, DENO_DIR } = Deno.env.toObject();
  const home = { ...(HOME && { HOME }), ...(DENO_DIR && { DENO_DIR }) };
  if (SSH.every(isInstalled)) await prepare(folder, { ...home, ...toEnvironment(folder) });
  const options = {
    // Of our environment nothing is to reach the far side; nor do signals to the group of ssh.
    ProxyCommand: `env -i setsid -w ${SSHD} -i -f ${folder}/config -E ${folder}/log`,
    UserKnownHostsFile: `${folder}/known_hosts`,
    GlobalKnownHostsFile: "none",
    IdentitiesOnly: "yes",
    BatchMode: "yes",
  };
  return {
    folder,
    options: { host: HOST, user: "root", identity: `${folder}/key`, options },
  };
}

/** Far shells that carry a mark in what they run. */
export async function shellsWith(mark: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-af", `^sh -c .*${mark}`] })
    .output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

async function prepare(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  Deno.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // where sshd confines itself to
  for (const name of ["key", "host_key"]) await makeKey(`${folder}/${name}`);
  const hostKey = Deno.readTextFileSync(`${folder}/host_key.pub`);
  Deno.writeTextFileSync(`${folder}/known_hosts`, `${HOST} ${hostKey}`);
  const config = [
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/key.pub`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin yes",
    "PidFile none",
    ...setEnv(environment),
  ];
  Deno.writeTextFileSync(`${folder}/config`, `${config.join("\n")}\n`);
}

/** The first such line has all of them (sshd_config(5)). */
function setEnv(environment: Readonly<Record<string, string>>): readonly string[] {
  const words = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  return words.length === 0 ? [] : [`SetEnv ${words.join(" ")}`];
}

/** Makes a pair of keys without a passphrase. */
export async function makeKey(path: string): Promise<void> {
  const args = ["-q", "-t", "ed25519", "-N", "", "-f", path];
  const { success, stderr } = await new Deno.Command("ssh-keygen", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

// A real sshd for tests: one process for each connection, over the pipes of a ProxyCommand. There
// is no port and no server to end: sshd ends with the connection, also if the client is killed. It
// also keeps no record of failed logins, for which a listening server refuses an address.

import type { SshOptions } from "../../mod.ts";
import { killWithUs } from "../../src/host/watchdog.ts";
import { eventually } from "./eventually.ts";
import { isFile, isInstalled } from "./tools.ts";

const SSHD = "/usr/sbin/sshd";

/** What a test with ssh needs: sshd only accepts logins of root if it runs as root. */
export const SSH: readonly string[] = Deno.uid() === 0
  ? ["ssh", "ssh-keygen", SSHD]
  : ["/an/sshd/started/as/root"];

/** The name of the host, used only for its key in known_hosts. */
export const HOST = "execvm-test-host";

/** A host, with its files in a folder that is removed when this process ends. */
export interface TestHost {
  readonly folder: string;
  /** The options of the ssh runner to reach it. */
  readonly options: SshOptions;
}

/**
 * Makes the keys and the configuration of a host. Does nothing if sshd cannot run here.
 *
 * @param toEnvironment returns more variables of its sessions, given its folder
 */
export async function makeHost(
  toEnvironment: (folder: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<TestHost> {
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-ssh-" });
  killWithUs({ path: folder });
  // The remote execvm finds our Deno's cache, also if HOME differs from the passwd file.
  const { HOME, DENO_DIR } = Deno.env.toObject();
  const home = { ...(HOME && { HOME }), ...(DENO_DIR && { DENO_DIR }) };
  if (SSH.every(isInstalled)) await prepare(folder, { ...home, ...toEnvironment(folder) });
  const options = {
    // Neither our environment nor signals to the group of ssh may reach the remote side.
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

/** Finds remote shells that have a mark in what they run. */
export async function shellsWith(mark: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-af", `^sh -c .*${mark}`] })
    .output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** Whether sshd refuses addresses after failed logins, as 9.8 and newer do (sshd_config(5)). */
export async function knowsPenalties(): Promise<boolean> {
  if (!SSH.every(isInstalled)) return false;
  const folder = Deno.makeTempDirSync({ prefix: "execvm-test-ssh-" });
  try {
    await makeKey(`${folder}/key`);
    const args = ["-T", "-f", "/dev/null", "-h", `${folder}/key`];
    const { stdout } = await new Deno.Command(SSHD, { args }).output();
    return /^persourcepenalties /im.test(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A server that listens on the loopback until it is disposed. */
export interface TestServer extends AsyncDisposable {
  /** The options of the ssh runner to reach it, in place of the host's. */
  readonly options: Readonly<Record<string, string>>;
}

/** Starts a listening sshd with the configuration of a host and more lines. */
export async function startServer(host: TestHost, ...more: string[]): Promise<TestServer> {
  const { port } = freePort();
  const [config, log] = [`${host.folder}/server`, `${host.folder}/server.log`];
  const lines = [...more, `ListenAddress 127.0.0.1:${port}`];
  const base = Deno.readTextFileSync(`${host.folder}/config`);
  Deno.writeTextFileSync(config, `${base}${lines.join("\n")}\n`);
  const child = new Deno.Command(SSHD, { args: ["-D", "-f", config, "-E", log] }).spawn();
  const cleanup = killWithUs({ process: child.pid });
  const said = () => isFile(log) ? Deno.readTextFileSync(log) : "";
  await eventually(said, (text) => text.includes("Server listening"), 10_000);
  return {
    options: serverOptions(port),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
      cleanup[Symbol.dispose]();
    },
  };
}

/**
 * Starts a stand-in for a server that refuses us: sends the message of sshd 9.8 and newer, and
 * closes the connection.
 */
export function startRefusingServer(): TestServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode("Not allowed at this time\r\n"));
      connection.close();
    }
  })();
  return {
    options: serverOptions(listener.addr.port),
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

function serverOptions(port: number): Readonly<Record<string, string>> {
  const [Port, HostName, HostKeyAlias] = [String(port), "127.0.0.1", HOST];
  return { ProxyCommand: "none", Port, HostName, HostKeyAlias };
}

function freePort(): { readonly port: number } {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { port: listener.addr.port };
}

async function prepare(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  Deno.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // sshd's chroot
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

/** Returns the SetEnv line, one for all variables, as only the first counts (sshd_config(5)). */
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

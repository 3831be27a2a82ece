import assert from "node:assert/strict";
import { openDir } from "../support/open_dir.ts";
import { tempDir } from "../support/temp_dir.ts";
import { makeBareEnvironment } from "./bare_environment.ts";

/** Makes a folder of programs that do nothing. */
function makePrograms(folder: string, ...names: string[]): string {
  Deno.mkdirSync(folder);
  for (const name of names) {
    Deno.writeTextFileSync(`${folder}/${name}`, "#!/bin/sh\n", { mode: 0o755 });
  }
  return folder;
}

/** Returns the path of a program in an environment; empty if there is none. */
function which(program: string, env: Record<string, string>): string {
  const args = ["-c", 'command -v "$1"', "sh", program];
  const { stdout } = new Deno.Command("/bin/sh", { args, env, clearEnv: true }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("makeBareEnvironment() has a new home of mode 0700, in which npx keeps Deno", () => {
  using folder = openDir();
  const { HOME, npm_config_prefix: prefix, npm_config_cache: cache } = makeBareEnvironment({
    HOME: "/nonexistent",
    npm_config_prefix: "/usr",
    npm_config_cache: "/var/cache/npm",
  }, folder.path);
  assert.equal(Deno.statSync(HOME!).mode! & 0o777, 0o700);
  assert.deepEqual([...Deno.readDirSync(HOME!)], []);
  assert.ok(cache!.startsWith(`${HOME}/`));
  assert.ok(prefix!.startsWith(`${folder.path}/`));
  assert.deepEqual([...Deno.readDirSync(`${prefix}/lib`)], []);
});

Deno.test("makeBareEnvironment() hides Deno, and nothing else in its folder", () => {
  using folder = openDir();
  using machine = tempDir();
  const [mixed, own, plain] = [
    makePrograms(`${machine.path}/mixed`, "deno", "node", "npx"),
    makePrograms(`${machine.path}/own`, "deno"),
    makePrograms(`${machine.path}/plain`, "apt-get"),
  ];
  const PATH = `${mixed}:${own}:/nonexistent:${plain}`;
  assert.equal(which("deno", { PATH }), `${mixed}/deno`);
  const env = makeBareEnvironment({ PATH }, folder.path);
  assert.equal(which("deno", env), "");
  for (const name of ["node", "npx", "apt-get"]) assert.notEqual(which(name, env), "", name);
  assert.equal(which("apt-get", env), `${plain}/apt-get`);
});

Deno.test("makeBareEnvironment() keeps the registry's settings, and none of our other folders", () => {
  using folder = openDir();
  using home = tempDir();
  Deno.writeTextFileSync(`${home.path}/.npmrc`, "registry=https://registry.example/\n");
  const env = makeBareEnvironment({
    HOME: home.path,
    https_proxy: "http://proxy.example",
    DENO_CERT: "/a/cert.pem",
    DENO_DIR: "/a/cache",
    XDG_CACHE_HOME: "/a/cache",
    EXECVM_CACHE: "/a/cache",
    npm_config_local_prefix: "/a/checkout",
    CI: "true",
  }, folder.path);
  const text = Deno.readTextFileSync(`${env["HOME"]}/.npmrc`);
  assert.equal(text, "registry=https://registry.example/\n");
  const { https_proxy, DENO_CERT, CI } = env;
  assert.deepEqual([https_proxy, DENO_CERT, CI], ["http://proxy.example", "/a/cert.pem", "true"]);
  assert.deepEqual(Object.values(env).filter((value) => value.startsWith("/a/ca")), []);
  assert.ok(!("npm_config_local_prefix" in env));
});

// Tests `execvm mcp` with the command line of the MCP Inspector, in both of its eras.

import assert from "node:assert/strict";
import { EXECVM } from "../support/cli.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";

/** Pinned, as its output is compared. It needs Node.js 20. */
const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<Run> {
  const command = new Deno.Command(program, { args: [...args], cwd, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The variables that a server needs here, which clients do not pass on by themselves. */
const PASSED = [
  "DENO_DIR",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "EXECVM_CACHE",
  "NPM_CONFIG_REGISTRY",
];

/** Runs the inspector with a method on a server with options. */
function inspect(folder: string, era: string, method: readonly string[], ...options: string[]) {
  const passed = PASSED.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : ["-e", `${name}=${value}`];
  });
  const inspector = `${folder}/node_modules/@modelcontextprotocol/inspector/clients/launcher/build`;
  const how = ["--cli", "--protocol-era", era, "--connect-timeout", "120000", ...passed];
  const server = ["--", ...EXECVM, "mcp", ...options];
  return run("node", [`${inspector}/index.js`, ...how, ...method, ...server], folder);
}

const call = (tool: string, args: unknown) => [
  ...["--method", "tools/call", "--tool-name", tool],
  ...["--tool-args-json", JSON.stringify(args)],
];

Deno.test({
  ...needs("the inspector lists and calls the tools in both of its eras", "node", "npm"),
  fn: async () => {
    using folder = tempDir();
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    const npm = await run("npm", ["install", ...options, INSPECTOR], folder.path);
    assert.equal(npm.code, 0, npm.stderr);
    for (const era of ["legacy", "modern"]) {
      const all = [
        "--allow-runner",
        "local",
        "--allow-option",
        "vm:network",
        "--allow-image",
        "debian:*",
      ];
      const list = await inspect(
        folder.path,
        era,
        ["--method", "tools/list", "--strict"],
        ...all,
      );
      assert.equal(list.code, 0, list.stderr);
      assert.match(list.stderr, /^$|0 errors, 0 warnings/);
      const names = JSON.parse(list.stdout).tools.map(({ name }: { name: string }) => name);
      assert.equal(names.at(-1), "prepare_image");

      const hi = { type: "command", args: ["echo", "hi"], runner: { type: "local" } };
      const good = await inspect(folder.path, era, call("run_pipeline", { pipeline: hi }), ...all);
      assert.equal(good.code, 0, good.stderr);
      assert.equal(JSON.parse(good.stdout).structuredContent.stdout, "hi\n");

      const bad = await inspect(folder.path, era, call("run_pipeline", { pipeline: hi }));
      assert.notEqual(bad.code, 0);
      assert.match(bad.stdout, /cannot run on local: only these are allowed here: vm, void/);
    }
  },
});

import assert from "node:assert/strict";
import { loadedModules, type Program } from "../support/loaded_modules.ts";
import { tempDir } from "../support/temp_dir.ts";

/** The modules that describe a runner before it is used. */
const KNOWN =
  /^src\/(runners\/\w+\/(options|kernel_options|type|mount)|vm\/options|disks\/devices)\.ts$/;

/**
 * The modules that build runners and plan commands; they import what starts commands only when
 * called.
 */
const BUILDERS = [
  /^src\/runners\/(void|local|docker|vm|ssh|slurm)\/runner\.ts$/,
  /^src\/runners\/(docker\/run|ssh\/ssh|slurm\/job|slurm\/srun)_argv\.ts$/,
  /^src\/runners\/(ssh\/remote_programs|slurm\/remote_program|vm\/command_line)\.ts$/,
  /^src\/(code\/(run_code|outputs_source)|prepare\/prepare_image)\.ts$/,
  /^src\/code\/(code|code_options|code_runner|run_options|option_specs|language|python_waiting)\.ts$/,
  /^src\/(workspace\/(path_filter|workspace_layout)|disks\/disk_range)\.ts$/,
  /^src\/(vm\/(command_line|root_option)|qemu\/(argv|accel|kvm_facts)|disks\/(plan_attachments|drives))\.ts$/,
];

/** Parts that only some commands need, by name. */
const PARTS = {
  local: /^src\/runners\/local\//,
  docker: /^src\/runners\/docker\//,
  ssh: /^src\/runners\/ssh\//,
  slurm: /^src\/runners\/slurm\//,
  void: /^src\/runners\/void\//,
  vm: /^src\/(runners\/vm|vm|qemu|disks)\//,
  kernels: /^(src\/kernels|guest-build)\//,
  images: /^src\/(images|prepare|ext4)\//,
  code: /^src\/(code|workspace)\//,
  archive: /^src\/archive\//,
  mcp: /^src\/mcp\//,
  observe: /^src\/observe\//,
  help: /^src\/cli\/(help\/(help|page|manual|topics|layout)|complete\/.*)\.ts$/,
  execute: /^src\/(run|fan_out|io)\//,
  zod: /\/zod\//,
} as const;
type Part = keyof typeof PARTS;

/**
 * The parts of which a module is loaded, apart from the modules that describe and build runners.
 */
function partsOf(modules: readonly string[]): readonly Part[] {
  const used = modules.filter((module) => ![KNOWN, ...BUILDERS].some((it) => it.test(module)));
  return (Object.keys(PARTS) as Part[]).filter((part) =>
    used.some((module) => PARTS[part].test(module))
  );
}

const PLAN = JSON.stringify({ type: "text", text: "a", output: { type: "discard" } });

/** A command line, the parts that it loads, and the maximum number of modules. */
const COMMANDS: readonly (Partial<Program> & {
  readonly args: readonly string[];
  readonly parts: readonly Part[];
  readonly most: number;
})[] = [
  // With nothing to supervise, execvm becomes the command; here it cannot, so that its modules can
  // be listed.
  { args: ["run", "--", "/nowhere"], code: 127, parts: ["local"], most: 85 },
  { args: ["run", "-r", "local", "--", "/nowhere"], code: 127, parts: ["local"], most: 85 },
  {
    args: ["run", "-r", "local", "--timeout", "1h", "--", "true"],
    parts: ["local", "execute"],
    most: 140,
  },
  { args: ["run", "-r", "void", "--", "true"], parts: ["execute"], most: 130 },
  {
    args: ["run", "-r", "vm", "--qemu", "/nowhere", "--kernel", "/dev/null", "--", "true"],
    code: 125,
    parts: ["vm", "kernels", "execute"],
    most: 205,
  },
  {
    args: ["run", "-r", "docker:x", "--binary", "/nowhere", "--", "true"],
    code: 125,
    parts: ["local", "docker", "execute"],
    most: 160,
  },
  {
    args: ["run", "-r", "ssh:x", "--binary", "/nowhere", "--", "true"],
    code: 125,
    parts: ["local", "ssh", "execute"],
    most: 170,
  },
  { args: ["plan", "-"], stdin: PLAN, parts: ["local", "execute", "zod"], most: 235 },
  {
    args: ["chain", "--", "true", "--", "/nowhere"],
    code: 127,
    parts: ["local", "execute"],
    most: 68,
  },
  { args: ["--version"], parts: [], most: 40 },
  // It has the options of all subcommands, and so loads the option tables in their folders.
  { args: ["--help"], parts: ["images", "help"], most: 120 },
  { args: ["run", "--help"], parts: ["help"], most: 80 },
  { args: ["completions", "bash"], parts: ["help"], most: 40 },
  {
    args: ["__complete", "--", "run", "-r", ""],
    parts: ["vm", "kernels", "images", "archive", "help"],
    most: 130,
  },
];

for (const { args, parts, most, ...rest } of COMMANDS) {
  Deno.test(`execvm ${args.join(" ")} loads only what it needs`, async () => {
    using cache = tempDir();
    const modules = await loadedModules({
      code: 0,
      env: { EXECVM_CACHE: cache.path, EXECVM_RUNNER: "" },
      ...rest,
      args: ["src/cli/main.ts", ...args],
    });
    assert.deepEqual(partsOf(modules), parts);
    assert.ok(modules.length <= most, `${modules.length}: ${modules.join("\n")}`);
  });
}

Deno.test("execvm plan loads the builders of the runners that it names, and no others", async () => {
  const runner = { type: "ssh", host: "h", inner: { type: "docker", image: "i" } };
  const stdin = JSON.stringify({ type: "command", args: ["true"], env: {}, runner });
  const modules = await loadedModules({ args: ["src/cli/main.ts", "plan", "-"], stdin, code: 0 });
  const builders = modules.flatMap((module) =>
    /^src\/runners\/(?!contract)(\w+)\/runner\.ts$/.exec(module)?.[1] ?? []
  );
  assert.deepEqual(builders, ["docker", "local", "ssh"]); // local is the default runner
});

Deno.test("a script that runs a local command loads no machine, image or kernel", async () => {
  using folder = tempDir();
  const script = `${folder.path}/script.ts`;
  const mod = new URL("../../mod.ts", import.meta.url).href;
  await Deno.writeTextFile(
    script,
    `import { cmd } from "${mod}"; await cmd("true").run();`,
  );
  const modules = await loadedModules({ args: [script], code: 0 });
  assert.deepEqual(partsOf(modules), ["local", "observe", "execute", "zod"]);
  const own = modules.filter((module) => module.startsWith("src/"));
  assert.ok(own.length <= 180, `${own.length}: ${own.join("\n")}`);
});

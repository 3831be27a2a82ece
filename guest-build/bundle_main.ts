// Bundles modules of ours with esbuild, as a program of its own that prints the bundle: esbuild is no import of
// what users load.

import { builtinModules } from "node:module";
import * as esbuild from "npm:esbuild@0.28.2";
import { messageOf } from "../src/model/errors.ts";
import type { BundleJob } from "./bundle.ts";
import { readModule, ROOT } from "./sources.ts";

/** Of modules by their paths from the root, so that a bundle is the same wherever they come from. */
const OURS = "execvm";

/** `npm:NAME@VERSION/PATH`: the name, and the path with its slash. */
const NPM = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]+)?(\/.+)?$/;

const BUILTIN = new RegExp(`^(node:.*|${builtinModules.join("|")})$`);

/** Packages that are written for Node.js call `require`, which a module has not. */
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

Deno.exit(await main(JSON.parse(Deno.args[0]!)));

async function main(job: BundleJob): Promise<number> {
  try {
    await new Blob([await bundleWithEsbuild(job)]).stream().pipeTo(Deno.stdout.writable);
    return 0;
  } catch (error) {
    Deno.stderr.writeSync(new TextEncoder().encode(`error: ${messageOf(error)}\n`));
    return 1;
  } finally {
    await esbuild.stop();
  }
}

async function bundleWithEsbuild({ entry, minify, packages }: BundleJob) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    ...(packages !== undefined && { absWorkingDir: packages, banner: { js: REQUIRE } }),
    bundle: true,
    write: false,
    minify,
    format: "esm",
    target: "esnext",
    charset: "utf8",
    platform: "node",
    conditions: ["deno"],
    tsconfigRaw: "{}", // none of a folder above
    logLevel: "silent",
    plugins: [modulesOf(packages)],
  }).catch((error) => {
    throw error.errors?.length > 0 ? new Error(describe(error.errors[0]), { cause: error }) : error;
  });
  return outputFiles[0]!.contents as Uint8Array<ArrayBuffer>;
}

/** How imports are resolved: as Deno does it. */
function modulesOf(packages: string | undefined): esbuild.Plugin {
  return {
    name: "modules",
    setup(build) {
      build.onResolve({ filter: BUILTIN }, ({ path }) => {
        return { path: path.startsWith("node:") ? path : `node:${path}`, external: true };
      });
      build.onResolve({ filter: /^npm:/ }, async ({ path, kind }) => {
        if (packages === undefined) {
          return { errors: [{ text: `${path} is imported, and no packages were given` }] };
        }
        return await build.resolve(path.replace(NPM, "$1$2"), { kind, resolveDir: packages });
      });
      build.onResolve({ filter: /^(file|https?):/ }, ({ path }) => ours(path));
      build.onResolve({ filter: /^\.{1,2}\//, namespace: OURS }, ({ path, importer }) => {
        return ours(new URL(path, new URL(importer, ROOT)).href);
      });
      build.onLoad({ filter: /^/, namespace: OURS }, async ({ path }) => {
        const contents = await readModule(new URL(path, ROOT));
        return { contents, loader: path.endsWith(".json") ? "json" : "ts" };
      });
    },
  };
}

function ours(url: string): esbuild.OnResolveResult {
  if (!url.startsWith(ROOT.href)) return { errors: [{ text: `${url} is not below ${ROOT}` }] };
  return { path: url.slice(ROOT.href.length), namespace: OURS };
}

function describe({ text, location }: esbuild.Message): string {
  return location === null ? text : `${location.file}:${location.line}: ${text}`;
}

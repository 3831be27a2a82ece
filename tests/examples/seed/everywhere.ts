// One pipeline whose commands run on this machine, in a container and in a virtual machine; first on the
// void runner, which prints what it would run.
//
//   everywhere.ts [IMAGE]

import { docker, local, type Pipeline, type Runner, text, vm, voidRunner } from "../../../mod.ts";
import { print } from "../print.ts";

const [image = "alpine"] = Deno.args;

/** Each computer adds its root's name for itself. */
function pipeline(here: Runner, container: Runner, machine: Runner): Pipeline<"closed", "open"> {
  const add = (runner: Runner, name: string) =>
    runner.cmd("sh", "-c", 'cat; echo "$1, process $$"', "sh", name);
  return text("began\n").pipe(add(here, "local")).pipe(add(container, "docker"))
    .pipe(add(machine, "vm"));
}

const nowhere = voidRunner({ debug: true });
print(`void: ${JSON.stringify(await pipeline(nowhere, nowhere, nowhere).text())}`);

const real = pipeline(local(), docker({ image, pull: "missing" }), vm());
print(String(real.plan()));
print(await real.text());

// The seed's first block: two commands in containers, joined by a pipe.
//
//   echo_wc.ts [IMAGE]

import { docker } from "../../../mod.ts";
import { print } from "../print.ts";

const [image = "alpine"] = Deno.args;
const computer = docker({ image, pull: "missing" });
const block = computer.cmd("/bin/echo", "hello").pipe(computer.cmd("/bin/wc", "-c"));
print(await block.text());

// Puts a docker program into PATH that needs no daemon.

import { fileURLToPath } from "node:url";
import { rawTar } from "../archive/fixture.ts";
import { IMAGE_CONFIG, json, RUN_CONFIG } from "../images/oci_fixture.ts";

/** Puts a docker program into PATH that has one image, and never ends exporting it if `stuck`. */
export function fakeDocker(folder: string, stuck: boolean): Disposable {
  const program = fileURLToPath(new URL("../fixtures/fake_docker", import.meta.url));
  const { architecture } = IMAGE_CONFIG;
  const image = { Id: `sha256:${"ab".repeat(32)}`, Os: "linux", Architecture: architecture };
  Deno.mkdirSync(`${folder}/containers`);
  Deno.writeFileSync(`${folder}/inspected.json`, json([{ ...image, Config: RUN_CONFIG }]));
  Deno.writeFileSync(`${folder}/root.tar`, rawTar({ name: "a", data: "a" }));
  for (const name of ["present", ...(stuck ? ["stuck"] : [])]) {
    Deno.writeTextFileSync(`${folder}/${name}`, "");
  }
  const script = `#!/bin/sh\nexport FAKE_DOCKER='${folder}'\nexec '${program}' "$@"\n`;
  Deno.writeTextFileSync(`${folder}/docker`, script, { mode: 0o755 });
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder}:${path}`);
  return { [Symbol.dispose]: () => Deno.env.set("PATH", path) };
}

import assert from "node:assert/strict";
import { stageKernel } from "../../src/kernels/store.ts";
import { HOST_ARCH } from "../../src/machine/architectures.ts";
import { armImage, bzImage, ownCache } from "../kernels/fixture.ts";
import { needs } from "../support/tools.ts";
import { fanOutRows } from "./rows/fan_out.ts";
import { sizesOf } from "./rows/sizes.ts";
import { vmRows } from "./rows/vm.ts";

const SIZES = sizesOf({ directory: "/nowhere", quick: true });
const IMAGES = { x86_64: bzImage("1.2.3-x"), aarch64: armImage() };
const FOREIGN = HOST_ARCH === "x86_64" ? "aarch64" : "x86_64";

async function store(arch: keyof typeof IMAGES): Promise<void> {
  using stage = await stageKernel();
  await Deno.writeFile(stage.image, IMAGES[arch]);
  await stage.commit("fetched");
}

Deno.test({
  ...needs(
    "rows for machines take kernels of this machine's architecture only",
    "qemu-system-x86_64",
  ),
  async fn() {
    using _cache = ownCache();
    await store(FOREIGN);
    assert.deepEqual(await vmRows(SIZES), []);
    const names = async () => (await fanOutRows(SIZES)).map(({ name }) => name);
    assert.ok(!(await names()).includes("fan-out-vm"));
    await store(HOST_ARCH);
    await store(HOST_ARCH); // storing it twice changes nothing
    const machines = (await vmRows(SIZES))[0]!.contenders.map(({ name }) => name)
      .filter((name) => name.startsWith("vm"));
    assert.deepEqual(machines, ["vm, fetched kernel"]);
    assert.ok((await names()).includes("fan-out-vm"));
  },
});

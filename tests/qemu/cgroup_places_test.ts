// Where cgroups may be made, for the /proc files of several systems.

import assert from "node:assert/strict";
import { type CgroupPlace, cgroupPlaces } from "../../src/qemu/cgroup_places.ts";

const V1 = (root: string, controllers: string) =>
  `30 25 0:26 ${root} /sys/fs/cgroup/${controllers} rw - cgroup cgroup rw,${controllers}`;
const V2 = (root = "/", point = "/sys/fs/cgroup") =>
  `29 23 0:26 ${root} ${point} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate`;
const OTHER = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw";

const v2 = (controllers: CgroupPlace["controllers"], ...folders: string[]) =>
  ({ version: 2, controllers, folders }) as const;

const CASES: readonly [name: string, own: string, mounts: string[], places: CgroupPlace[]][] = [
  [
    "version 2: next to our own, and further up",
    "0::/user.slice/user-0.slice/session-1.scope",
    [OTHER, V2()],
    [v2(
      ["memory", "cpu"],
      "/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope",
      "/sys/fs/cgroup/user.slice/user-0.slice",
      "/sys/fs/cgroup/user.slice",
      "/sys/fs/cgroup",
    )],
  ],
  [
    "version 2, with all processes in the root",
    "0::/",
    [V2()],
    [v2(["memory", "cpu"], "/sys/fs/cgroup")],
  ],
  [
    "version 2 in a container, which mounts a part",
    "0::/docker/ab/child",
    [V2("/docker/ab", "/cg\\040roup")],
    [v2(["memory", "cpu"], "/cg roup/child", "/cg roup")],
  ],
  [
    "version 1: below our own, for each controller",
    "4:memory:/a\n2:cpu,cpuacct:/b\n1:name=systemd:/x\n0::/",
    [V1("/", "memory"), V1("/", "cpu,cpuacct"), V2("/", "/sys/fs/cgroup/unified")],
    [
      { version: 1, controllers: ["memory"], folders: ["/sys/fs/cgroup/memory/a"] },
      { version: 1, controllers: ["cpu"], folders: ["/sys/fs/cgroup/cpu,cpuacct/b"] },
    ],
  ],
  [
    "both: version 2 for controllers that version 1 does not have",
    "4:memory:/\n0::/a",
    [V1("/", "memory"), V2("/", "/unified")],
    [
      { version: 1, controllers: ["memory"], folders: ["/sys/fs/cgroup/memory"] },
      v2(["cpu"], "/unified/a", "/unified"),
    ],
  ],
  ["our own is in no part that is mounted", "0::/elsewhere", [V2("/docker/ab")], []],
  ["version 1 that is not mounted", "4:memory:/", [OTHER], []],
  ["nothing", "", [""], []],
];

for (const [name, own, mounts, places] of CASES) {
  Deno.test(`cgroupPlaces(): ${name}`, () => {
    assert.deepEqual(cgroupPlaces(own, mounts.join("\n")), places);
  });
}

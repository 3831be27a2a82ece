// The pure parts of explaining failures: versions, and reasons from console output.

import assert from "node:assert/strict";
import { printableLines } from "../../src/host/printable.ts";
import { parseQemuVersion, versionFault } from "../../src/qemu/version.ts";
import { tellingLines, whyGone } from "../../src/qemu/why_gone.ts";

for (
  const [text, version, isTooOld] of [
    ["QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nCopyright", "7.2.22", false],
    ["QEMU emulator version 6.2.0", "6.2.0", false],
    ["QEMU emulator version 10.0", "10.0", false],
    ["QEMU emulator version 6.1.1", "6.1.1", true],
    ["QEMU emulator version 2.12.0", "2.12.0", true],
    ["something else", undefined, false],
  ] as const
) {
  Deno.test(`versionFault() of ${JSON.stringify(text)}`, () => {
    assert.equal(parseQemuVersion(text), version);
    assert.equal(versionFault(version) !== undefined, isTooOld);
  });
}

const PANIC = "[1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x9\r";
const OOM = "[0.9] Out of memory: Killed process 1 (init)\n[1.0] Kernel panic - not syncing: x";

for (
  const [tail, end, reason] of [
    [
      PANIC,
      { code: 0, signal: null },
      /^the guest panicked \(Attempted to kill init! exitcode=0x9\)$/,
    ],
    [OOM, { code: 0, signal: null }, /^the guest ran out of memory/],
    ["Out of memory: Killed process 70 (cc1)", { code: 0, signal: null }, undefined],
    ["", { code: 137, signal: "SIGKILL" }, /killed by SIGKILL/],
    [
      "",
      { code: 137, signal: "SIGKILL", isOomKilled: true },
      /^QEMU exceeded its memory limit and was killed$/,
    ],
    ["qemu: bad", { code: 1, signal: null }, /exited with code 1/],
    ["", { code: 0, signal: null }, /without any output: the kernel may be damaged/],
    ["booted", { code: 0, signal: null }, undefined],
    ["Kernel panic - not syncing: No working init found.", undefined, /no init: the initrd may/],
    ["", undefined, undefined],
  ] as const
) {
  Deno.test(`whyGone() of ${JSON.stringify(tail)} and ${JSON.stringify(end)}`, () => {
    const why = whyGone(tail, end, "boot");
    if (reason === undefined) assert.equal(why, undefined);
    else assert.match(why!, reason);
  });
}

Deno.test("whyGone() distinguishes a guest that powers itself off from one that never booted", () => {
  assert.match(whyGone("", { code: 0, signal: null }, "run")!, /powered itself off/);
  assert.equal(whyGone("", { code: 0, signal: null }, "start"), undefined);
});

Deno.test("printableLines() keeps lines and letters, and no control sequences", () => {
  const console = "\x1bc\x1b[?7l\x1b[2JSeaBIOS\r\n\x1b[31mred\x1b[0m\tü\x07\x00\n";
  assert.equal(printableLines(console), "SeaBIOS\nred ü\ufffd\ufffd");
  const linked =
    "\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x07 \x1b]0;title\x07\x1b]0;unended";
  assert.equal(printableLines(linked), "a link 0;unended");
  assert.equal(printableLines("10%\r20%\r\r\nover\n\r"), "10%\n20%\nover", "what was overwritten");
});

const TRACE =
  "[0.8] random: crng init done\nerror: Uncaught (in promise) Error: no\n    at main.js:1:2\n";

/** As Linux 6.1 prints it, shortened. */
const CRASH = `[5.1] sysrq: Trigger a crash
[5.2] Kernel panic - not syncing: sysrq triggered crash
[5.3] CPU: 0 PID: 89 Comm: sh Not tainted 6.1.0 #1
[5.4] Call Trace:
[5.5]  <TASK>
[5.6]  panic+0x118/0x2f4
[5.7]  ? _printk+0x68/0x83
[5.8]  sysrq_handle_crash+0x16/0x20
[5.9] RIP: 0033:0x47b7a0`;

Deno.test("tellingLines() of a panic returns the guest's last 40 lines as they are", () => {
  assert.equal(tellingLines(CRASH, 8), CRASH);
  const booted = Array.from({ length: 50 }, (_, index) => `[0.${index}] a message`).join("\n");
  const shown = tellingLines(`${booted}\n${CRASH}`, 8).split("\n");
  assert.equal(shown.length, 40);
  assert.equal(shown.slice(-8).join("\n"), CRASH.replace(/\n.*_printk.*/, ""));
});

Deno.test("tellingLines() of a panic has no stack of the guest's JavaScript", () => {
  assert.equal(
    tellingLines(`${TRACE}${PANIC}\n[1.0] CPU: 0 PID: 1`, 8),
    `[0.8] random: crng init done\nerror: Uncaught (in promise) Error: no\n${PANIC}\n` +
      "[1.0] CPU: 0 PID: 1",
  );
});

Deno.test("tellingLines() is empty where the reason alone is enough", () => {
  const known = CRASH.replace("sysrq triggered crash", "VFS: Unable to mount root fs");
  assert.equal(tellingLines(known, 8), "");
  assert.equal(tellingLines("execvm: the guest cannot go on (modules): no", 8), "");
  assert.equal(tellingLines("one\ntwo\nthree", 2), "two\nthree");
});

/** What a guest prints of a module that its kernel refuses, and the reason that is reported. */
const MISFITS: readonly (readonly [string, string])[] = [
  [
    "[1.0] virtio: version magic '6.12.1 SMP preempt' should be '6.12.1+ SMP preempt'\n" +
    "execvm: the guest cannot go on (modules): cannot load /execvm/modules/virtio.ko: Exec format error",
    "the modules do not fit the kernel: virtio: Exec format error: " +
    "version magic '6.12.1 SMP preempt' should be '6.12.1+ SMP preempt'",
  ],
  [
    "[1.0] virtio_ring: disagrees about version of symbol module_layout\n" +
    "execvm: the guest cannot go on (modules): cannot load /execvm/modules/virtio_ring.ko: Exec format error",
    "the modules do not fit the kernel: virtio_ring: Exec format error: " +
    "disagrees about version of symbol module_layout",
  ],
  [
    "execvm: the guest cannot go on (modules): cannot load /execvm/modules/ext4.ko: Exec format error",
    "the modules do not fit the kernel: ext4: Exec format error",
  ],
  [
    "execvm: the guest cannot go on (mount): cannot mount devtmpfs on /dev: No such device",
    "cannot mount devtmpfs on /dev: No such device",
  ],
];

for (const [printed, why] of MISFITS) {
  Deno.test(`whyGone() of a guest that cannot go on: ${why}`, () => {
    assert.equal(whyGone(printed, { code: 0, signal: null }, "boot"), why);
    assert.equal(tellingLines(printed, 8), "");
  });
}

/** Errors of QEMU 7.2, and the reasons that are reported for them. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  [
    "qemu: Invalid SMP CPUs 300. The max CPUs supported by machine 'pc-q35-7.2' is 288",
    /^its machine type has at most 288 processors$/,
  ],
  [
    "qemu: Address space limit 0xffffffffff < 0x3077fffffff phys-bits too low (40)",
    /^its processor has addresses of 40 bits, too few/,
  ],
  [
    "qemu: cannot set up guest memory 'pc.ram': Cannot allocate memory",
    /^this machine does not have that much memory$/,
  ],
  [
    "qemu: linux kernel too old to load a ram disk",
    /^the kernel file is not a kernel, or is damaged$/,
  ],
  ["qemu: unsupported machine type\nUse -machine help", /^QEMU has no such machine type$/],
];

for (const [said, why] of REFUSED) {
  Deno.test(`a refusal of QEMU is explained: ${why}`, () => {
    assert.match(whyGone(said, { code: 1, signal: null }, "boot")!, why);
    assert.equal(tellingLines(said, 8), "");
  });
}

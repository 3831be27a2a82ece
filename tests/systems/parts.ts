// What is run in each system: each part is a command that succeeds, or tests.

/** A part, and the column that it is in. */
export interface SystemPart {
  readonly title: string;
  /** A command. */
  readonly argv?: readonly string[];
  /** Files and folders of tests, in place of a command. */
  readonly tests?: readonly string[];
}

const MAIN = ["deno", "run", "-A", "src/cli/main.ts"];

/** All parts by their names, in the order in which they are run. */
export const PARTS = {
  doctor: { title: "doctor", argv: [...MAIN, "doctor"] },
  kernel: { title: "kernel fetch", argv: [...MAIN, "kernel", "fetch"] },
  demo: { title: "demo", argv: ["deno", "run", "-A", "tests/examples/demo.ts"] },
  vm: { title: "vm", tests: ["tests/conformance/vm_test.ts"] },
  docker: { title: "Docker", tests: ["tests/conformance/docker_test.ts", "tests/runners/docker"] },
  ssh: { title: "ssh", tests: ["tests/conformance/ssh_test.ts", "tests/runners/ssh"] },
  slurm: { title: "Slurm", tests: ["tests/conformance/slurm_test.ts", "tests/runners/slurm"] },
  machines: { title: "machines", tests: ["tests/vm", "tests/kernels", "tests/qemu"] },
  images: { title: "images, code", tests: ["tests/images", "tests/prepare", "tests/code"] },
} as const satisfies Readonly<Record<string, SystemPart>>;

/** The name of a part. */
export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

// The parts that run in each system: a part is a command that must succeed, or tests.

/** A part, and its column in the table. */
export interface SystemPart {
  readonly title: string;
  /** A command. */
  readonly argv?: readonly string[];
  /** Files and folders of tests, in place of a command. */
  readonly tests?: readonly string[];
}

const MAIN = ["deno", "run", "-A", "src/cli/main.ts"];

/** All parts by name, in the order in which they run. */
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

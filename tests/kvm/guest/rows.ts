// The conformance table with KVM, without the rows that take too long.

import { vm } from "../../../mod.ts";
import { conformance, ROWS } from "../../conformance/suite.ts";
import { BULK } from "./bulk.ts";
import { KVM } from "./kvm.ts";

conformance(
  {
    name: "kvm",
    isSlow: true,
    isNarrow: true,
    runner: () => vm(KVM),
    terminal: () => vm({ ...KVM, tty: true }),
  },
  ROWS.map(({ name }) => name).filter((name) => !BULK.includes(name)),
);

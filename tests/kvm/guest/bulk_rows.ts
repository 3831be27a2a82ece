// The rows of the conformance table that take long, with KVM.

import { vm } from "../../../mod.ts";
import { conformance } from "../../conformance/suite.ts";
import { BULK } from "./bulk.ts";
import { KVM } from "./kvm.ts";

const runner = () => vm(KVM);
conformance({ name: "kvm", isSlow: true, isNarrow: true, runner, terminal: runner }, BULK);

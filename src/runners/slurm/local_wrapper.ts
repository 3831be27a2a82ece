// What starts Slurm's programs on this machine: a constant program for sh.

import { toolArgv } from "../../host/program_path.ts";

/**
 * Its arguments: where what srun itself says goes, and the argv of srun, whose descriptor 3 is then what
 * was its stderr. Of a job that we run in ourselves nothing is handed on: it would be taken for a wish.
 */
const PROGRAM = `
for name in JOB_ID JOBID STEP_ID STEPID NTASKS NPROCS NNODES JOB_NUM_NODES JOB_NAME CPUS_PER_TASK \\
  TASKS_PER_NODE NTASKS_PER_NODE MEM_PER_NODE MEM_PER_CPU MEM_PER_GPU DISTRIBUTION LABELIO \\
  STDINMODE STDOUTMODE STDERRMODE WORKING_DIR OVERLAP EXACT WHOLE IMMEDIATE HET_SIZE \\
  MULTI_PROG OPEN_MODE PTY_PORT DEBUG EXIT_ERROR EXIT_IMMEDIATE; do
  unset "SLURM_$name"
done
log=$1
shift
exec "$@" 3>&2 2>"$log"
`;

/** The argv that starts srun with a log of its own. @param log path of the log */
export function localWrapperArgv(log: string, argv: readonly string[]): readonly string[] {
  return ["sh", "-c", PROGRAM, "sh", log, ...toolArgv(argv)];
}

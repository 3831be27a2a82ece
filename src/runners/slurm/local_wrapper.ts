// Starts Slurm's programs on this machine through a constant program for sh.

import { toolArgv } from "../../host/program_path.ts";

/**
 * Its arguments: the path of the log for srun's own messages, and the argv of srun, which gets the
 * original stderr as descriptor 3. If execvm itself runs in a job, the variables of that are
 * removed: srun would take them as options.
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

/** Returns the argv that starts srun with a separate log. @param log path of the log */
export function localWrapperArgv(log: string, argv: readonly string[]): readonly string[] {
  return ["sh", "-c", PROGRAM, "sh", log, ...toolArgv(argv)];
}

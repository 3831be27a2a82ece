// SLURM_TASKS_PER_NODE, as sbatch(1) describes it: `2(x3),1`. Pure.

/** The number of the node of each task: `2,1` gives 0, 0, 1. */
export function expandCounts(text: string): readonly number[] {
  const counts = text.split(",").flatMap((part) => {
    const [, count, times = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    return Array.from({ length: Number(times) }, () => Number(count));
  });
  return counts.flatMap((count, node) => Array.from({ length: count }, () => node));
}

// Parses SLURM_TASKS_PER_NODE, as sbatch(1) describes it: `2(x3),1`. Pure.

/** Returns the index of each task's node: 0, 0, 1 for `2,1`. */
export function expandCounts(text: string): readonly number[] {
  const counts = text.split(",").flatMap((part) => {
    const [, count, times = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    return Array.from({ length: Number(times) }, () => Number(count));
  });
  return counts.flatMap((count, node) => Array.from({ length: count }, () => node));
}

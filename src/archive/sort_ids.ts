/** Sorts the ids of names without copying the names: there may be a million. */

/** Runs of up to this length are sorted by insertion. */
const RUN = 8;

/** Sorts in place by a stable merge sort, which takes as much memory again as `ids` meanwhile. */
export function sortIds(ids: Uint32Array, compare: (a: number, b: number) => number): void {
  for (let start = 0; start < ids.length; start += RUN) {
    insertionSort(ids, start, Math.min(start + RUN, ids.length), compare);
  }
  if (ids.length <= RUN) return;
  let from: Uint32Array = ids;
  let to: Uint32Array = new Uint32Array(ids.length);
  for (let run = RUN; run < ids.length; run *= 2) {
    for (let start = 0; start < ids.length; start += 2 * run) {
      merge(from, to, start, Math.min(start + run, ids.length), start + 2 * run, compare);
    }
    [from, to] = [to, from];
  }
  if (from !== ids) ids.set(from);
}

function insertionSort(
  ids: Uint32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let next = start + 1; next < end; next++) {
    const id = ids[next]!;
    let at = next;
    for (; at > start && compare(ids[at - 1]!, id) > 0; at--) ids[at] = ids[at - 1]!;
    ids[at] = id;
  }
}

function merge(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  const last = Math.min(end, from.length);
  let left = start;
  let right = middle;
  for (let at = start; at < last; at++) {
    const isLeft = left < middle && (right >= last || compare(from[left]!, from[right]!) <= 0);
    to[at] = from[isLeft ? left++ : right++]!;
  }
}

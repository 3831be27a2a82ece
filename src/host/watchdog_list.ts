// The list of the watchdog, as lines that its shell reads once this process has ended. In a file,
// `+ITEM` is an item on the list, and the place of a removed one is used again: the file stays as
// small as the list has ever been, and at no moment is an item missing from it. Over a pipe, `-ITEM`
// removes an item.

/** What must not outlive this process; items have no spaces and no newlines. */
export interface WatchdogList {
  /** Resolves once the shell can see the item. An item that is on the list is not added again. */
  add(item: string): Promise<void> | void;
  remove(item: string): void;
}

/** The file that the shell reads the list from. */
export interface ListFile {
  write(bytes: Uint8Array<ArrayBuffer>, offset: number): void;
  /** Makes it empty. */
  truncate(): void;
}

/** The place of an item in the file, in bytes. */
interface Slot {
  readonly offset: number;
  readonly size: number;
}

/** The smallest place; others are twice as large, four times, and so on, so that they fit others. */
const SLOT_BYTES = 32;

const REMOVED = new TextEncoder().encode("#");

/** Returns an empty list that is kept in `file`, which must be empty and stays the caller's. */
export function listInFile(file: ListFile): WatchdogList {
  const slots = new Map<string, Slot>();
  const free = new Map<number, Slot[]>(); // by size
  let end = 0;
  const takeSlot = (size: number): Slot => {
    const used = free.get(size)?.pop();
    if (used !== undefined) return used;
    const slot = { offset: end, size };
    end += size;
    return slot;
  };
  const clear = () => {
    file.truncate();
    free.clear();
    end = 0;
  };
  return {
    add(item) {
      if (slots.has(item)) return;
      const slot = takeSlot(slotSize(item.length + 2));
      slots.set(item, slot);
      // The shell's read drops the spaces at the end.
      file.write(new TextEncoder().encode(`+${item}`.padEnd(slot.size - 1) + "\n"), slot.offset);
    },
    remove(item) {
      const slot = slots.get(item);
      if (slot === undefined) return;
      slots.delete(item);
      if (slots.size === 0) return clear();
      file.write(REMOVED, slot.offset);
      const others = free.get(slot.size);
      if (others === undefined) free.set(slot.size, [slot]);
      else others.push(slot);
    },
  };
}

/** Returns an empty list whose changes are sent to the shell as lines. */
export function listOverPipe(send: (line: string) => Promise<void>): WatchdogList {
  const items = new Set<string>();
  return {
    add(item) {
      if (items.has(item)) return;
      items.add(item);
      return send(`+${item}\n`);
    },
    remove(item) {
      if (items.delete(item)) void send(`-${item}\n`);
    },
  };
}

function slotSize(bytes: number): number {
  return Math.max(SLOT_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
}

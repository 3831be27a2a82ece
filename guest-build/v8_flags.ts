// V8's flags for the guest's program, which waits more than it computes.

/**
 * V8's compilers are off: under QEMU's emulation, new machine code is translated again before it
 * runs, so that compiling costs more than it gains. Background work is off too, such as flushing
 * code that has not been used for a while: every clone would have to do it again.
 *
 * A compiled program has the flags that it was compiled with, and no variable adds more: a compiled
 * execvm that is its own guest runs without them, and its clones take about a tenth longer.
 */
export const V8_FLAGS: readonly string[] = [
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--no-flush-bytecode",
  "--no-memory-reducer",
  "--single-threaded",
  "--expose-gc",
];

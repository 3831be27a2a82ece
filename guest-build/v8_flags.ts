// How V8 is to run the guest's own program, which waits more than it computes.

/**
 * Without its compilers: under QEMU's emulation new machine code is translated again before it runs, so that
 * compiling costs more than it gives. And nothing happens in the background or by itself, such as forgetting
 * code that was not used for a while: a clone would have to do it, each one again.
 *
 * A compiled program has those that it was compiled with, and no variable gives it more: an execvm that is its own
 * guest does without, and its clones take about a tenth longer.
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

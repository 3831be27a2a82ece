// How V8 is to run the guest's own program, which waits more than it computes.

/**
 * Without its compilers: under QEMU's emulation new machine code is translated again before it runs, so that
 * compiling costs more than it gives. And in a clone there is a fifth less code to translate.
 */
export const V8_FLAGS: readonly string[] = ["--no-opt", "--no-maglev", "--no-sparkplug"];

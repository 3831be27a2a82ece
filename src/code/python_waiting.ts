// The Python program that is started before the code to run is known.

/**
 * Runs the code in the file of its only argument and then waits for its payload, as
 * src/guest/waiting.ts specifies. Clones start with the same memory, so it seeds known random
 * generators again; `os.urandom` is random in any case. It imports next to nothing, because the
 * image's Python may have little more, and because modules that are already loaded would be visible
 * to the code.
 */
export const PYTHON_WAITING = `
import os, sys
out, err = os.dup(1), os.dup(2)
log = os.open("/run/execvm/log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
os.dup2(log, 1), os.dup2(log, 2), os.close(log)
with open(sys.argv[1], "rb") as f: exec(compile(f.read(), "<warm>", "exec"), {"__name__": "__warm__"})
import gc
sys.stdout.flush(), sys.stderr.flush()
os.dup2(out, 1), os.dup2(err, 2), os.close(out), os.close(err)
gc.collect(), gc.freeze()
def read(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part: os._exit(125)
        data += part
    return data
def seed():
    loaded = sys.modules.get
    if loaded("random"): loaded("random").seed()
    if loaded("numpy.random"): loaded("numpy.random").seed()
    if loaded("ssl"): loaded("ssl").RAND_add(os.urandom(32), 32)
    if loaded("tempfile"): loaded("tempfile")._name_sequence = None
def run():
    os.write(1, bytes(1))
    folder, file, count, *words = os.fsdecode(read(int(read(8), 16))).split(chr(0))
    os.environ.update(word.split("=", 1) for word in words[int(count):])
    os.chdir(folder)
    sys.argv = [file, *words[:int(count)]]
    sys.path[:] = [path or os.path.dirname(file) for path in sys.path]
    seed()
    main = type(sys)("__main__")
    main.__file__, main.__cached__, main.__builtins__ = file, None, __builtins__
    loaders = sys.modules.get("_frozen_importlib_external")
    if loaders: main.__loader__ = loaders.SourceFileLoader("__main__", file)
    sys.modules["__main__"] = main
    try:
        with open(file, "rb") as f: code = compile(f.read(), file, "exec")
        exec(code, main.__dict__)
    except Exception as e:
        e = e.with_traceback(e.__traceback__.tb_next)
        sys.excepthook(type(e), e, e.__traceback__)
        sys.exit(1)
run()
`;

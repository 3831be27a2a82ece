import assert from "node:assert/strict";
import { chain, cmd, ssh, type SshOptions } from "../../../mod.ts";

function planned(options: Partial<SshOptions>, command = cmd("true")): readonly string[] {
  return ssh({ host: "HOST", ...options }).argv(command.node);
}

Deno.test("ssh() checks host keys as ssh does, and shares its own connection", () => {
  const argv = planned({});
  assert.equal(
    argv.slice(0, -1).join(" "),
    "ssh -o RemoteCommand=none -S SOCKET -o ControlMaster=no -o LogLevel=ERROR -T -E LOG -- HOST",
  );
});

Deno.test("options become options of ssh, the user's before ours", () => {
  const options = { user: "me", port: 2222, identity: "/key", options: { LogLevel: "DEBUG" } };
  const argv = planned(options).join(" ");
  assert.match(argv, /^ssh -o LogLevel=DEBUG -l me -p 2222 -i \/key .* -o LogLevel=ERROR /);
});

Deno.test("a terminal has no escape character", () => {
  assert.match(planned({ tty: true }).join(" "), / -tt -e none -E LOG -- HOST exec sh -c /);
});

Deno.test("the remote host gets a constant program, and the command as its arguments", () => {
  const command = cmd("wc", "it's").env({ A: "b c" }).cwd("/tmp");
  assert.ok(planned({}, command).at(-1)!.endsWith(`' sh NOTE /tmp env -- 'A=b c' wc 'it'\\''s'`));
});

Deno.test("a program with a = in its name is not taken for a variable", () => {
  const line = planned({}, cmd("a=b", "c").env({ A: "1" })).at(-1)!;
  assert.ok(line.endsWith(`' sh NOTE '' env -- A=1 sh -c 'exec "$@"' sh a=b c`), line);
});

Deno.test("a relative folder is not taken for a special word of cd", () => {
  assert.ok(planned({}, cmd("true").cwd("-")).at(-1)!.endsWith(" sh NOTE ./- true"));
});

Deno.test("a chain is planned as the remote host runs it", () => {
  const links = chain(["a"], ["b"]);
  const argv = ssh({ host: "HOST", chain: "/bin/execvm" }).argv(links.node);
  assert.ok(
    argv.at(-1)!.endsWith(
      " sh NOTE '' env -- EXECVM_CHAIN_SIGNALS=group /bin/execvm chain -- a -- b",
    ),
  );
  const byShell = ssh({ host: "HOST" }).argv(links.node);
  assert.ok(byShell.at(-1)!.endsWith("' sh pass '' '' -- a -- b"));
});

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [{}, /no host is given/],
  [{ host: "" }, /"" is not a host/],
  [{ host: "-oProxyCommand=x" }, /"-oProxyCommand=x" is not a host/],
  [{ host: "a", options: { "A b": "c" } }, /"A b"/],
  [{ host: "a", options: { Port: 22 } }, /"Port"/],
];

for (const [options, message] of WRONG) {
  Deno.test(`ssh() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => ssh(options as SshOptions), { name: "TypeError", message });
  });
}

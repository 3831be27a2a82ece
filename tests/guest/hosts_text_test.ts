import assert from "node:assert/strict";
import { completeHosts } from "../../src/guest/hosts_text.ts";

const WANTED = [
  { address: "127.0.0.1", name: "localhost" },
  { address: "::1", name: "localhost" },
  { address: "127.0.1.1", name: "me" },
];

const TEXTS: readonly [name: string, text: string, added: string][] = [
  ["nothing", "", "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\tme\n"],
  ["all of it", "127.0.0.1 a localhost\n::1 LOCALHOST\n10.0.0.1 me\n", ""],
  ["only IPv6", "::1 localhost ip6-localhost\n", "127.0.0.1\tlocalhost\n127.0.1.1\tme\n"],
  ["only IPv4", "127.0.0.1\tlocalhost me\n", "::1\tlocalhost\n"],
  [
    "names in comments",
    "# me\n::1 x # localhost\n127.0.0.1 localhost #me\n",
    "::1\tlocalhost\n127.0.1.1\tme\n",
  ],
  ["no last newline", "127.0.0.1 localhost\n::1 localhost", "\n127.0.1.1\tme\n"],
  [
    "longer names",
    "127.0.0.1 localhost.localdomain\n::1 localhost\n1.1.1.1 me.too\n",
    "127.0.0.1\tlocalhost\n127.0.1.1\tme\n",
  ],
];

for (const [name, text, added] of TEXTS) {
  Deno.test(`completeHosts() keeps a text with ${name}, and adds what is missing`, () => {
    assert.equal(completeHosts(text, WANTED), text + added);
  });
}

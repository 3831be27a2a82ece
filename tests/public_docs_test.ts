// The documentation of public exports, and the words of docstrings, comments and messages.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What public exports may lack, and how many of them may. Lower a number whenever it falls. */
const GAPS = {
  "exports without a sentence": 0,
  "members of exports without a sentence": 0,
  "functions and classes without @example": 0,
  "functions with parameters without @param": 0,
  "functions without @throws": 8,
} as const;

/**
 * Phrases that a native reader stumbles on, and how often each may be found in src, guest-build, kernel and
 * mod.ts. Lower a number whenever it falls; at 0 the phrase is banned.
 */
const PHRASES: readonly (readonly [phrase: RegExp, most: number])[] = [
  [/\bCannot [^:"`.]{1,90} as\b/g, 0],
  [/\bover there\b/g, 0],
  [/(?<!\b[Tt]here )\b(?:is|are|was|were) no (?!more\b|longer\b)(?=\w)/g, 5],
  [/(?<!\b[Tt]here )\b(?:is|are|was|were) none\b/g, 3],
  [/\b[Ww]ho(?:m|ever|mever)?\b/g, 4],
  [/\b(?:[Nn]o|[Ss]ome)body\b/g, 7],
  [/(?<!\b(?:[Ss]o|[Aa]s|[Hh]ow|[Tt]oo|[Bb]y) )\bfar\b(?! (?:from|more|less|too)\b)/g, 7],
  [/\b[Ss]a(?:y|ys|id)\b/g, 17],
  [/\b(?:[Tt]ells?|[Tt]old)\b/g, 24],
  [/\b[Hh]ear(?:s|d)?\b/g, 1],
  [/\b[Ww]ant(?:s|ed)?\b/g, 24],
  [/\bcomes? to (?:be|stand)\b/g, 0],
  [/\bas it stands\b/g, 0],
  [/\bgo(?:es)? with it\b/g, 0],
  [/\b(?:is|are|can be|cannot be) had\b/g, 0],
  [/\bsuch as are\b/g, 0],
  [/\bof its own\b/g, 4],
  [/\bbeside\b/g, 1],
  [/\b[Ll]ikewise\b/g, 0],
  [/\bheed(?:s|ed)?\b/g, 0],
  [/\b(?:is|are) meant\b/g, 1],
  [/\bthat (?:is|are) to be\b/g, 0],
];

/** A tag of a docstring, as `deno doc --json` prints it. */
interface Tag {
  readonly kind: string;
}

/** What `deno doc --json` prints of anything that is documented. */
interface Documented {
  readonly name?: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly Tag[] };
  readonly accessibility?: string;
}

/** One declaration of an export: an overloaded function has several. */
interface Declaration extends Documented {
  readonly kind: string;
  readonly def?: {
    readonly params?: readonly unknown[];
    readonly hasBody?: boolean;
    readonly [members: string]: unknown;
  };
}

interface Export {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

/** The members of a class or interface that a reader sees. */
const MEMBERS = ["constructors", "properties", "methods"] as const;

/** The exports of mod.ts. */
function publicExports(): readonly Export[] {
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", `${ROOT}mod.ts`],
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { version, nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly version: number;
    readonly nodes: Readonly<Record<string, { readonly symbols: readonly Export[] }>>;
  };
  assert.equal(version, 2, "another form of deno doc --json: this test reads version 2");
  return Object.values(nodes).flatMap(({ symbols }) => symbols);
}

const EXPORTS = publicExports();

function hasTag({ jsDoc }: Documented, kind: string): boolean {
  return jsDoc?.tags?.some((tag) => tag.kind === kind) === true;
}

/** Whether there is a sentence, or the name of what replaces it. */
function hasSentence(documented: Documented): boolean {
  return (documented.jsDoc?.doc ?? "") !== "" || hasTag(documented, "deprecated");
}

/** The declarations that callers see: an implementation behind overloads is not one. */
function visible({ declarations }: Export): readonly Declaration[] {
  const functions = declarations.filter(({ kind }) => kind === "function");
  return functions.length < 2
    ? declarations
    : declarations.filter(({ kind, def }) => kind !== "function" || def?.hasBody !== true);
}

/** The exports whose declarations of these kinds lack something; deprecated ones are left out. */
function namesWhere(
  kinds: readonly string[],
  isLacking: (declarations: readonly Declaration[]) => boolean,
): string[] {
  return EXPORTS.filter((one) => {
    const declarations = visible(one).filter(({ kind }) => kinds.includes(kind));
    const isOld = declarations.some((declaration) => hasTag(declaration, "deprecated"));
    return declarations.length > 0 && !isOld && isLacking(declarations);
  }).map(({ name }) => name);
}

function undocumentedMembers({ name, declarations }: Export): string[] {
  return declarations.flatMap(({ def }) =>
    MEMBERS.flatMap((kind) => (def?.[kind] ?? []) as readonly Documented[])
      .filter(({ accessibility }) => accessibility !== "private")
      .filter((member) => !hasSentence(member))
      .map((member) => `${name}.${member.name}`)
  );
}

/** Whether no overload has the tag; the tag of one covers all. */
const without = (tag: string) => (declarations: readonly Declaration[]) =>
  !declarations.some((declaration) => hasTag(declaration, tag));

const found: Readonly<Record<keyof typeof GAPS, readonly string[]>> = {
  "exports without a sentence": EXPORTS.filter((one) => !visible(one).every(hasSentence))
    .map(({ name }) => name),
  "members of exports without a sentence": EXPORTS.flatMap(undocumentedMembers),
  "functions and classes without @example": namesWhere(["function", "class"], without("example")),
  "functions with parameters without @param": namesWhere(
    ["function"],
    (declarations) =>
      declarations.some(({ def }) => def?.params?.length !== 0) && without("param")(declarations),
  ),
  "functions without @throws": namesWhere(["function"], without("throws")),
};

Deno.test("deno doc sees the exports, and what they lack", () => {
  const names = EXPORTS.map(({ name }) => name);
  for (const name of ["Pipeline", "chain", "vm", "RunOptions"]) assert.ok(names.includes(name));
  assert.equal(names.length, new Set(names).size);
  const bare = [{ kind: "function", jsDoc: { doc: "A sentence." } }];
  assert.ok(without("example")(bare));
  assert.ok(!without("example")([{ kind: "function", jsDoc: { tags: [{ kind: "example" }] } }]));
});

for (const gap of Object.keys(GAPS) as (keyof typeof GAPS)[]) {
  Deno.test(`public docs: ${gap}: ${GAPS[gap]} at most`, () => {
    assert.ok(found[gap].length <= GAPS[gap], `${found[gap].length}: ${found[gap].join(", ")}`);
  });
}

const CLASS = String.raw`\[(?:[^\]\\\n]|\\.)*\]`;
const INNER = String.raw`\`(?:[^\`\\]|\\.)*?\``;
const HOLE = String.raw`\$\{(?:[^{}\`]|\{[^{}]*\}|${INNER})*\}`;

/** Comments, strings and templates; and regular expressions, so that their quotes start no string. */
const TEXTS = new RegExp(
  [
    String.raw`\/\*[^]*?\*\/`,
    String.raw`\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*`,
    String.raw`"(?:[^"\\\n]|\\.)*"`,
    String.raw`'(?:[^'\\\n]|\\.)*'`,
    String.raw`\`(?:${HOLE}|[^\`\\]|\\.)*\``,
    String
      .raw`(?<=[=(,:!&|?\[;{}]\s*|\breturn )(?<regex>\/(?![*\/])(?:${CLASS}|[^\/\\\n[]|\\.)+\/)`,
  ].join("|"),
  "g",
);

/** Places of a phrase that a failure shows. */
const SHOWN = 30;

/** The docstrings, comments and messages of a source, each on one line; strings joined by `+` are one. */
function textsOf(source: string): string[] {
  const joined = source.replaceAll(/(["`])\s*\+\s*\1/g, "");
  return [...joined.matchAll(TEXTS)].filter(({ groups }) => groups?.["regex"] === undefined)
    .map(([text]) => text.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, " "));
}

function* sourcesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}/${folder}`)) {
    if (isDirectory) yield* sourcesBelow(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

const TEXTS_OF = [
  "mod.ts",
  ...["src", "guest-build", "kernel"].flatMap((it) => [...sourcesBelow(it)]),
]
  .map((file) => ({ file, texts: textsOf(Deno.readTextFileSync(`${ROOT}/${file}`)) }));

Deno.test("comments, docstrings and messages are read as one line each, and code is not", () => {
  const source = [
    "/** A\n * docstring. */",
    "// A comment\n// of two lines",
    'const told = /["`]/.test(say);',
    'fail("a message " +\n  "in two parts", `of ${parts.map((it) => `no ${it}`)} parts`);',
  ].join("\n");
  assert.deepEqual(textsOf(source), [
    "/** A docstring. */",
    "// A comment of two lines",
    '"a message in two parts"',
    "`of ${parts.map((it) => `no ${it}`)} parts`",
  ]);
});

for (const [phrase, most] of PHRASES) {
  Deno.test(`words: ${phrase.source}: ${most} at most`, () => {
    const hits = TEXTS_OF.flatMap(({ file, texts }) =>
      texts.flatMap((text) =>
        [...text.matchAll(phrase)].map(({ index }) =>
          `${file}: ..${text.slice(Math.max(0, index - 40), index + 60)}..`
        )
      )
    );
    const shown = hits.slice(0, SHOWN).join("\n");
    assert.ok(hits.length <= most, `${hits.length} in place of ${most}:\n${shown}`);
  });
}

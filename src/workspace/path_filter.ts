/**
 * Selects paths by globs.
 *
 * Libraries turn a glob into a regular expression that backtracks: names come from a guest, and one
 * of 255 bytes can keep `*-*-*-*.png` busy for minutes. This matcher takes time proportional to
 * pattern times path.
 */

/** One element of a pattern: any number of items, or one item that the function accepts. */
type Element<T> = "any" | ((item: T) => boolean);

const MAX_ALTERNATIVES = 1024;

/**
 * Returns a function that tests whether one of the globs matches an absolute path.
 *
 * `*` and `?` match within one name, also a leading dot; `**` as a whole name matches any number of
 * names; `[a-z]` and `[!a-z]` match one character, `{a,b}` matches either; `\` escapes the next
 * character.
 *
 * @throws {RangeError} if a glob is not absolute, or has an unclosed bracket
 */
export function pathFilter(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.flatMap((glob) => {
    if (!glob.startsWith("/") && !glob.startsWith("{")) throw refused(glob, "it is not absolute");
    return alternatives(glob).map((pattern) => {
      if (!pattern.startsWith("/")) throw refused(glob, "it is not absolute");
      return pattern.slice(1).split("/").map((name) => nameElement(name, glob));
    });
  });
  return (path) => {
    const names = path.slice(1).split("/");
    return patterns.some((pattern) => matches(names, pattern));
  };
}

/** Whether items match a pattern. Backtracks to the last `any` only. */
function matches<T>(items: readonly T[], pattern: readonly Element<T>[]): boolean {
  let item = 0;
  let element = 0;
  let afterAny = -1;
  let retryItem = 0;
  while (item < items.length) {
    const wanted = pattern[element];
    if (wanted === "any") {
      afterAny = ++element;
      retryItem = item;
    } else if (wanted?.(items[item]!)) {
      item++;
      element++;
    } else if (afterAny >= 0) {
      element = afterAny;
      item = ++retryItem;
    } else {
      return false;
    }
  }
  while (pattern[element] === "any") element++;
  return element === pattern.length;
}

function nameElement(name: string, glob: string): Element<string> {
  if (name === "**") return "any";
  const characters = characterElements([...name], glob);
  return (text) => matches([...text], characters);
}

function characterElements(characters: readonly string[], glob: string): Element<string>[] {
  const elements: Element<string>[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") {
      elements.push("any");
    } else if (character === "?") {
      elements.push(() => true);
    } else if (character === "[") {
      const close = characters.indexOf("]", at + (characters[at + 1] === "!" ? 3 : 2));
      if (close < 0) throw refused(glob, "it has a [ that is not closed");
      elements.push(characterClass(characters.slice(at + 1, close)));
      at = close;
    } else {
      const literal = character === "\\" ? characters[++at] ?? "\\" : character;
      elements.push((one) => one === literal);
    }
  }
  return elements;
}

function characterClass(inside: readonly string[]): (character: string) => boolean {
  const isNegated = inside[0] === "!";
  const listed = isNegated ? inside.slice(1) : inside;
  const ranges: [string, string][] = [];
  for (let at = 0; at < listed.length; at++) {
    const isRange = listed[at + 1] === "-" && at + 2 < listed.length;
    ranges.push([listed[at]!, listed[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return (one) => ranges.some(([from, to]) => from <= one && one <= to) !== isNegated;
}

/** Expands the braces of a pattern. */
function alternatives(glob: string): string[] {
  const done: string[] = [];
  const left = [glob];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (done.length + left.length >= MAX_ALTERNATIVES) throw refused(glob, "it has too many { }");
    const pieces = braces(next, glob);
    if (pieces === undefined) done.push(next);
    else left.push(...pieces);
  }
  return done;
}

/** Replaces the first pair of braces by each of its choices; undefined if there is none. */
function braces(pattern: string, glob: string): string[] | undefined {
  let open = -1;
  let depth = 0;
  let choiceStart = 0;
  const choices: string[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === "\\") {
      at++;
    } else if (character === "{") {
      if (depth++ > 0) continue;
      open = at;
      choiceStart = at + 1;
    } else if (depth === 1 && (character === "," || character === "}")) {
      choices.push(pattern.slice(choiceStart, at));
      choiceStart = at + 1;
      if (character === ",") continue;
      return choices.map((enumParser) =>
        pattern.slice(0, open) + enumParser + pattern.slice(at + 1)
      );
    } else if (character === "}" && depth > 0) {
      depth--;
    }
  }
  if (open >= 0) throw refused(glob, "it has a { that is not closed");
  return undefined;
}

function refused(glob: string, fact: string): RangeError {
  const text = JSON.stringify(glob);
  return new RangeError(
    `cannot choose outputs by ${text}: a glob must start at the root and be closed: ${fact}`,
  );
}

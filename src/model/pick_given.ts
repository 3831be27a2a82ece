// Handing options on from one call to another. Pure.

/**
 * The options of these names that are given, which is how one call hands options on to another. With a table of
 * names that `satisfies Record<keyof A & keyof B, true>`, a new option that both have must be handed on or the
 * table does not type-check.
 */
export function pickGiven<Options extends object, Name extends keyof Options>(
  options: Options,
  names: Readonly<Record<Name, true>>,
): { readonly [key in Name]?: Exclude<Options[key], undefined> } {
  const picked = Object.fromEntries(
    (Object.keys(names) as Name[]).map((name) => [name, options[name]]),
  );
  return onlyGiven(picked as Pick<Options, Name>);
}

/** The fields that are not `undefined`: an option that is `undefined` is one that is not given. */
export function onlyGiven<Fields extends object>(
  fields: Fields,
): { readonly [key in keyof Fields]?: Exclude<Fields[key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ReturnType<typeof onlyGiven<Fields>>;
}

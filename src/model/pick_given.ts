// Passes options on from one call to another. Pure.

/**
 * Returns the given options of these names, to pass them on to another call. If the table of names
 * `satisfies Record<keyof A & keyof B, true>`, it type-checks only if it has every option that both
 * have.
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

/** Returns the fields that are not `undefined`: an `undefined` option counts as not given. */
export function onlyGiven<Fields extends object>(
  fields: Fields,
): { readonly [key in keyof Fields]?: Exclude<Fields[key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ReturnType<typeof onlyGiven<Fields>>;
}

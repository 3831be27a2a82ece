// Tools that some tests need beside Deno.

/**
 * Options for a test that needs these programs. On a user's machine it is skipped without them, and the
 * name says why; in CI they have to be there, so that it fails.
 */
export function needs(
  name: string,
  ...tools: string[]
): Pick<Deno.TestDefinition, "name" | "ignore"> {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0 || Deno.env.get("CI") !== undefined) return { name, ignore: false };
  return { name: `${name} (skipped: ${missing.join(", ")} not installed)`, ignore: true };
}

function isInstalled(tool: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${tool}`).isFile;
    } catch {
      return false;
    }
  });
}

// Where temporary files are.

/** TMPDIR, else /tmp. */
export function tempDir(): string {
  const query = Deno.permissions.querySync({ name: "env", variable: "TMPDIR" });
  const given = query.state === "granted" ? Deno.env.get("TMPDIR") : undefined;
  return (given || "/tmp").replace(/(?<=.)\/+$/, "");
}

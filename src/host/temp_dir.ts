// Finds the folder for temporary files.

/** Returns TMPDIR, else /tmp; without a slash at the end. */
export function tempDir(): string {
  const query = Deno.permissions.querySync({ name: "env", variable: "TMPDIR" });
  const given = query.state === "granted" ? Deno.env.get("TMPDIR") : undefined;
  return (given || "/tmp").replace(/(?<=.)\/+$/, "");
}

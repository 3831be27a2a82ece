// Selects the environment variables that configure network access, such as proxies and
// certificates.

const NETWORK = /proxy|cert|_ca_|_ca$|cainfo|cafile|npm_config_registry/i;

/** Returns the variables that configure network access. */
export function networkVariables(
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => NETWORK.test(name)));
}

/** Variables that make Deno before 2.9 accept this machine's certificates too. */
export const CERTIFICATES = { DENO_TLS_CA_STORE: "system,mozilla" } as const;

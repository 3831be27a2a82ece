// Which variables of an environment are about the way to the network, such as proxies and certificates.

const NETWORK = /proxy|cert|_ca_|_ca$|cainfo|cafile|npm_config_registry/i;

/** The variables that are about the network. */
export function networkVariables(
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => NETWORK.test(name)));
}

/** Has a Deno before 2.9 look at the certificates of this machine, too. */
export const CERTIFICATES = { DENO_TLS_CA_STORE: "system,mozilla" } as const;

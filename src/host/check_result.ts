// The type of results of `execvm doctor`.

/** The result of one check. `fail`: a requirement is not met; `warn`: some features do not work. */
export interface CheckResult {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  readonly fact: string;
  /** How to fix it. */
  readonly advice?: string;
}

// What `execvm doctor` says of one thing.

/** One thing that was looked at. `fail`: it is required; `warn`: something is lost without it. */
export interface CheckResult {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  readonly fact: string;
  /** What to do about it. */
  readonly advice?: string;
}

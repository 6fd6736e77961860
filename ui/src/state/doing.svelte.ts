// One thing a page is doing, and what went wrong the last time.

import type { Problem } from "../bindings/view";

export class Doing {
  /** The name of what runs now; empty while nothing does. */
  what = $state("");
  /** What the last one ended with. */
  problem = $state<Problem | null>(null);

  /** Runs `work` unless something runs already. True when it went well. */
  async run(what: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.what) return false;
    this.what = what;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.problem = asProblem(error);
      return false;
    } finally {
      this.what = "";
    }
  }
}

/** Whatever a command was refused with, as a problem. */
export function asProblem(error: unknown): Problem {
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) {
    return error as Problem;
  }
  return {
    code: "internal",
    message: "Attendant could not do that.",
    advice: "Try again. If it happens again, report it with the log.",
  };
}

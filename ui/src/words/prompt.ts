// The words of the approval.

import type { CallerView, GrantDuration } from "../bindings/view";
import { clean } from "./clean";

/** The choice, in the row of choices. */
export function choice(duration: GrantDuration): string {
  return { once: "Once", this_run: "This run", until_lock: "Until I lock" }[duration];
}

/** What the choice means. */
export function meaning(duration: GrantDuration, caller: CallerView): string {
  switch (duration) {
    case "once":
      return "One hand-out, valid for up to an hour.";
    case "this_run":
      return `Until process ${caller.pid} ends.`;
    case "until_lock":
      return "Until the screen locks or you sign out.";
  }
}

/** The button says what it will do. */
export function allowLabel(duration: GrantDuration): string {
  return { once: "Allow once", this_run: "Allow this run", until_lock: "Allow until I lock" }[duration];
}

/** A grant's duration in a list. */
export function lasting(duration: GrantDuration): string {
  return { once: "Once", this_run: "This run", until_lock: "Until you lock" }[duration];
}

/** The heading uses checked words only: never what a program says about itself. */
export function approvalHeading(caller: CallerView, registration: string): string {
  if (caller.terminal) return `You ask, at a terminal, to use ${registration}`;
  if (caller.program === null) return `A program that cannot be checked asks to use ${registration} as you`;
  return `A program asks to use ${registration} as you`;
}

/** Organization, tenant and person, below the heading. */
export function line(place: string, account: string | null): string {
  return [place, account].filter((part) => part !== null && part !== "").map((part) => clean(part as string)).join(", ");
}

// The fact at the top of Home, and the order of its rows.

import type { RegistrationView, View } from "../bindings/view";
import { coverage, unreachable } from "./coverage";
import { clockTime, parse, plural } from "./time";

export interface Headline {
  title: string;
  sub: string;
}

/** The one fact that matters most, and the next one. */
export function headline(view: View, now: number): Headline {
  const all = view.registrations;
  if (view.locked) return { title: "Attendant is locked", sub: "Nothing is handed out until you unlock it." };
  const needs = all.filter((one) => !one.attempt && one.status.state === "needs_person");
  const waiting = all.filter((one) => one.attempt || one.status.state === "awaiting_browser" || one.status.state === "exchanging");
  const signedIn = all.filter(isSignedIn);
  const covered = signedIn.map((one) => coveredUntil(one, now)).find((text) => text !== null) ?? null;

  const [first] = needs;
  if (first) {
    const queue = needs.reduce((sum, one) => sum + one.status.waiting.length, 0);
    const who =
      queue === 0
        ? "No automation is waiting."
        : `${plural(queue, "automation")} ${queue === 1 ? "is" : "are"} waiting${needs.length === 1 ? " for it" : ""}.`;
    return { title: needs.length === 1 ? `${first.status.name} needs you` : `${plural(needs.length, "sign-in")} need you`, sub: join(who, covered) };
  }
  const [open] = waiting;
  if (open) {
    return {
      title: open.status.state === "exchanging" ? `Signing in to ${open.status.name}` : `Finish signing in to ${open.status.name}`,
      sub: join("Your browser has the next step.", covered),
    };
  }
  if (signedIn.length === 0) return { title: "Nobody is signed in", sub: "Sign in to let automations work as you." };
  const cut = signedIn.find((one) => one.offline);
  if (cut) return { title: unreachable(cut).replace(/\.$/, ""), sub: join("Attendant tries again by itself. Nothing to do.", covered) };
  if (signedIn.length < all.length) {
    return {
      title: signedIn.length === 1 && signedIn[0] ? `${signedIn[0].status.name} is covered` : `${signedIn.length} of ${all.length} are covered`,
      sub: `${plural(all.length - signedIn.length, "registration")} signed out. Nothing is waiting.`,
    };
  }
  return { title: "Everything is covered", sub: "Nothing is waiting. You can close this window, Attendant goes on." };
}

/** Whether somebody is signed in to `one` and no sign-in is under way. */
export function isSignedIn(one: RegistrationView): boolean {
  return !one.attempt && (one.status.state === "active" || one.status.state === "refreshing");
}

/** How many registrations need the person. */
export function needYou(view: View): number {
  return view.registrations.filter((one) => !one.attempt && one.status.state === "needs_person").length;
}

/** Rows stay where they are while the person looks: known ids keep their order, new ones come where the view puts them. */
export function steadyOrder(shown: string[], incoming: string[]): string[] {
  const kept = shown.filter((id) => incoming.includes(id));
  incoming.forEach((id, index) => {
    if (kept.includes(id)) return;
    const before = incoming[index - 1];
    kept.splice(before === undefined ? 0 : kept.indexOf(before) + 1, 0, id);
  });
  return kept;
}

/** `acme / DefaultTenant`, or the server where there is no organization. */
export function place(one: RegistrationView): string {
  const parts = [one.organization, one.status.tenants[0]].filter(Boolean);
  return parts.length > 0 ? parts.join(" / ") : one.host.replace(/^https?:\/\//, "");
}

function coveredUntil(one: RegistrationView, now: number): string | null {
  const until = parse(one.status.held_until);
  if (until === null || coverage(one, now).dial.minutes === 0) return null;
  return `${one.status.name} is covered until ${clockTime(until, now)}.`;
}

function join(first: string, second: string | null): string {
  return second ? `${first} ${second}` : first;
}

// How far one registration is covered: the dial's numbers and the two sentences beside it.
// Pure: the same view and the same moment always give the same words.

import type { RegistrationView } from "../bindings/view";
import { clockTime, countdown, date, daysLeft, minutesLeft, parse } from "./time";

/** What the dial draws. */
export type DialState = "active" | "idle" | "offline" | "waiting" | "attention" | "out";

/** Four numbers and a state; null days when the provider names no end. */
export interface DialFacts {
  state: DialState;
  minutes: number;
  of: number;
  days: number | null;
  daysOf: number | null;
  /** Five days or less are left. */
  late: boolean;
  /** The one text alternative. */
  label: string;
}

/** A run of words; times stand out, the rest of an ordinary sentence steps back. */
export interface Words {
  text: string;
  weight?: "strong" | "quiet";
}

export interface Coverage {
  dial: DialFacts;
  first: Words[];
  second: string;
  secondNeedsYou: boolean;
}

/** Days before the end from which the dial shows them in amber. */
const LATE = 5;

/** The coverage of `view` at `now` (milliseconds). */
export function coverage(view: RegistrationView, now: number): Coverage {
  const until = parse(view.sign_in_until);
  const days = until === null ? null : daysLeft(until, now);
  const daysOf = view.sign_in_days;
  const late = days !== null && days <= LATE;
  const base = { minutes: 0, of: 60, days, daysOf, late };

  if (view.attempt) return waiting(view, now);
  switch (view.status.state) {
    case "needs_person":
      return {
        dial: { ...base, days: null, state: "attention", label: "The sign-in has ended" },
        first: [{ text: sentence(view.problem?.message ?? "This sign-in needs you.") }],
        second: view.problem?.advice ?? "",
        secondNeedsYou: false,
      };
    case "awaiting_browser":
    case "exchanging":
      return waiting(view, now);
    case "active":
    case "refreshing":
      break;
    case "signed_out":
    case "unknown":
      return {
        dial: { ...base, days: null, state: "out", label: "Signed out" },
        first: [{ text: "Signed out on this computer." }],
        second: "No automation can use it until you sign in.",
        secondNeedsYou: false,
      };
  }

  const held = parse(view.status.held_until);
  const minutes = held === null ? 0 : minutesLeft(held, now);
  const end = until === null || days === null ? "No end date known." : nextSignIn(until, days);
  const ofDays = days === null ? "sign-in without a known end" : `sign-in for ${days} of ${daysOf ?? 60} days`;

  if (view.offline) {
    const covered: Words[] =
      held !== null && minutes > 0
        ? [{ text: "Covered until " }, { text: clockTime(held, now), weight: "strong" }, { text: `. ${unreachable(view)}`, weight: "quiet" }]
        : [{ text: unreachable(view) }];
    return {
      dial: { ...base, minutes, state: "offline", label: `${unreachable(view)} Access for ${plain(minutes)}; ${ofDays}` },
      first: covered,
      second: "Attendant tries again by itself. Nothing to do.",
      secondNeedsYou: false,
    };
  }
  if (held === null || minutes === 0) {
    return {
      dial: { ...base, state: "idle", label: `Signed in, no access held; ${ofDays}` },
      first: [{ text: "Signed in." }, { text: " Access is fetched when something asks.", weight: "quiet" }],
      second: end,
      secondNeedsYou: late,
    };
  }
  return {
    dial: { ...base, minutes, state: "active", label: `Access for ${plain(minutes)}; ${ofDays}` },
    first: [
      { text: "Covered until " },
      { text: clockTime(held, now), weight: "strong" },
      { text: ", renews while it is used.", weight: "quiet" },
    ],
    second: end,
    secondNeedsYou: late,
  };
}

/** Who cannot be reached, in a sentence of its own. */
export function unreachable(view: RegistrationView): string {
  return `${view.edition === "oidc" ? "The sign-in server" : "UiPath"} cannot be reached now.`;
}

function waiting(view: RegistrationView, now: number): Coverage {
  const since = parse(view.attempt?.since) ?? now;
  const end = parse(view.attempt?.gives_up_at);
  const left = end === null ? 0 : Math.max(0, end - now);
  const dial: DialFacts = {
    state: "waiting",
    minutes: end === null ? 1 : left / 60_000,
    of: end === null ? 1 : Math.max(1, end - since) / 60_000,
    days: null,
    daysOf: null,
    late: false,
    label: "Waiting for the browser",
  };
  if (view.status.state === "exchanging") {
    return { dial, first: [{ text: "Your browser answered. Finishing the sign-in." }], second: "", secondNeedsYou: false };
  }
  const first: Words[] = view.attempt?.no_browser
    ? [{ text: "No browser opened. Copy the link and open it yourself." }]
    : [{ text: "Finish signing in there." }];
  if (end !== null) first.push({ text: " Attendant stops waiting in " }, { text: countdown(left) }, { text: "." });
  return { dial, first, second: "", secondNeedsYou: false };
}

function nextSignIn(until: number, days: number): string {
  if (days === 0) return "Next sign-in now.";
  return `Next sign-in by ${date(until)}, in ${days === 1 ? "1 day" : `${days} days`}.`;
}

function plain(minutes: number): string {
  return minutes === 1 ? "1 more minute" : `${minutes} more minutes`;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The words of a sentence as one text. */
export function spoken(words: Words[]): string {
  return words.map((word) => word.text).join("");
}

// The button's word for each reason a sign-in needs the person.

import type { Code } from "../bindings/protocol";

export function verbFor(reason: Code | null | undefined): string {
  switch (reason) {
    case "keyring_locked":
      return "Unlock…";
    case "other_person":
      return "Open again";
    case "scopes_changed":
      return "Sign in again";
    default:
      return "Sign in";
  }
}

// Where sign-ins are kept, in one line.

import type { KeyringView } from "../bindings/view";

/** The line at the foot of the navigation. `empty`: nothing is kept there yet. */
export function keyringLine({ state, name }: KeyringView, empty: boolean): string {
  switch (state) {
    case "unknown":
      return "Sign-ins will be kept in the system’s keyring";
    case "waiting":
      return `Waiting for ${name}`;
    case "available":
      return empty ? `${name} found, unlocked` : `Sign-ins are kept in ${name}, unlocked`;
    case "locked":
      return `${name} is locked. Your sign-ins are safe in it`;
    case "absent":
      return "No keyring found. Sign-ins stay in memory until you quit";
    case "refused":
      return `${name} refused. Sign-ins stay in memory until you quit`;
  }
}

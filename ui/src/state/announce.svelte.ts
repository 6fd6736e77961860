// Says aloud what changed by itself: states, politely; the wait for the browser at 1:00 and 0:15 only.

import { app } from "../view.svelte";
import { clean } from "../words/clean";
import { parse } from "../words/time";
import { second } from "./clock.svelte";
import { say } from "./say.svelte";

const words: Record<string, string> = {
  active: "is signed in.",
  awaiting_browser: "waits for your browser.",
  needs_person: "needs you.",
  signed_out: "is signed out.",
};

/** Runs for the life of the main window; call it while a component is set up. */
export function announcer(): void {
  const states = new Map<string, string>();
  let first = true;
  $effect(() => {
    for (const { status } of app.view?.registrations ?? []) {
      // Renewing is Attendant's own business: it is still "signed in".
      const state = status.state === "refreshing" ? "active" : status.state;
      const before = states.get(status.id);
      states.set(status.id, state);
      const word = words[state];
      if (!first && before !== state && word) say(`${clean(status.name)} ${word}`);
    }
    if (app.view) first = false;
  });

  const said = new Set<string>();
  $effect(() => {
    for (const one of app.view?.registrations ?? []) {
      const end = parse(one.attempt?.gives_up_at);
      if (end === null) continue;
      const left = Math.ceil((end - second()) / 1000);
      for (const at of [60, 15]) {
        const key = `${one.status.id} ${end} ${at}`;
        if (left <= at && left > at - 5 && !said.has(key)) {
          said.add(key);
          say(`Attendant stops waiting for ${clean(one.status.name)} in ${at === 60 ? "1 minute" : "15 seconds"}.`);
        }
      }
    }
  });
}

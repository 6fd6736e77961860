// The one clock of a window. Timers run only while something on the page reads it and the window is seen.

import { createSubscriber } from "svelte/reactivity";

let frozen: number | null = null;

/** For pictures and tests: time stands still at `ms`; `null` lets it go on. */
export function freeze(ms: number | null): void {
  frozen = ms;
}

function time(): number {
  return frozen ?? Date.now();
}

const seconds = createSubscriber((update) => {
  const timer = setInterval(() => document.hidden || update(), 1000);
  return () => clearInterval(timer);
});

const minutes = createSubscriber((update) => {
  let timer = setTimeout(tick, 60_000 - (time() % 60_000));
  function tick() {
    update();
    timer = setTimeout(tick, 60_000 - (time() % 60_000));
  }
  const shown = () => document.hidden || update();
  document.addEventListener("visibilitychange", shown);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", shown);
  };
});

/** Now, in milliseconds; what reads it is drawn again every second. */
export function second(): number {
  seconds();
  return time();
}

/** Now, in milliseconds; what reads it is drawn again every minute, and when the window is shown. */
export function minute(): number {
  minutes();
  return time();
}

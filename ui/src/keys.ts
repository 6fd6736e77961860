// The keyboard map of the main window.

import { closeWindow } from "./ipc";
import { go, type Page } from "./state/route.svelte";

const pages: Record<string, Page> = {
  "1": { name: "home" },
  "2": { name: "automations" },
  "3": { name: "settings", tab: "preferences" },
  ",": { name: "settings", tab: "preferences" },
  n: { name: "add" },
};

export function key(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  if (event.key === "F6") {
    event.preventDefault();
    nextRegion(event.shiftKey ? -1 : 1);
    return;
  }
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.key === "w") {
    event.preventDefault();
    void closeWindow();
    return;
  }
  const page = pages[event.key];
  // An open question comes first: shortcuts do not leave it.
  if (!page || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  void go(page);
}

function nextRegion(step: number): void {
  if (document.querySelector("dialog[open]")) return;
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")];
  // The innermost region that holds the focus is where we are.
  const at = regions.reduce((found, region, index) => (region.contains(document.activeElement) ? index : found), -1);
  regions[(at + step + regions.length) % regions.length]?.focus();
}

// Light or dark, as Settings say; "system" leaves it to the desktop.

import type { Appearance } from "../bindings/view";

export function dress(appearance: Appearance): void {
  document.documentElement.classList.toggle("light", appearance === "light");
  document.documentElement.classList.toggle("dark", appearance === "dark");
}

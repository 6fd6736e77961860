// Which page the main window shows. Pages are few and data is one view, so this is the whole router.

import { tick } from "svelte";
import type { SheetReview } from "../bindings/view";

export type Page =
  | { name: "home" }
  | { name: "add" }
  | { name: "import" }
  | { name: "review"; review: SheetReview; text: string; from: string | null; handed?: boolean }
  | { name: "details" }
  | { name: "request" }
  | { name: "registration"; id: string; tab: "overview" | "administrator" }
  | { name: "automations" }
  | { name: "settings"; tab: "preferences" | "about" };

export const route = $state<{ page: Page }>({ page: { name: "home" } });

/** Shows `page` and puts the reader at its heading. */
export async function go(page: Page): Promise<void> {
  route.page = page;
  await tick();
  const main = document.querySelector("main");
  main?.scrollTo?.(0, 0);
  main?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

/** The entry of the navigation that `page` belongs to. */
export function section(page: Page): "home" | "automations" | "settings" {
  return page.name === "automations" || page.name === "settings" ? page.name : "home";
}

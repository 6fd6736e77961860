// Every page and prompt against the rules of WCAG 2.2 A and AA that need no layout; contrast is computed in tokens.test.ts.

import { cleanup, render } from "@testing-library/svelte";
import axe from "axe-core";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import App from "../src/App.svelte";
import * as data from "../src/fake/data";
import Approve from "../src/prompt/Approve.svelte";
import SignIn from "../src/prompt/SignIn.svelte";
import { freeze } from "../src/state/clock.svelte";
import { type Page, route } from "../src/state/route.svelte";
import { app } from "../src/view.svelte";
import { standIn } from "./app";

let desk: ReturnType<typeof standIn>;
beforeEach(() => {
  freeze(data.moment);
  desk = standIn({ request_text: "Please register an external application." });
  document.documentElement.lang = "en";
  document.title = "Attendant";
});
afterEach(() => {
  cleanup();
  desk.end();
});

async function findings(): Promise<string[]> {
  await tick();
  const result = await axe.run(document.body, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
}

const everything = data.view([data.needs, data.stranger, data.acme, data.offline, data.late, data.out, data.practice]);
const review = {
  name: "Acme", edition: "cloud" as const, host: "https://cloud.uipath.com", organization: "acme", tenants: ["T"], app_id: data.acme.app_id,
  redirect_urls: data.acme.redirect_urls, scopes: [data.scope("OR.Jobs", null)], left_out: [data.scope("OR.Default", null)], warnings: ["Odd."],
};
const pages: [string, Page, typeof everything][] = [
  ["first run", { name: "home" }, data.view([], { recent: [], grants: [] })],
  ["home", { name: "home" }, everything],
  ["add", { name: "add" }, everything],
  ["import", { name: "import" }, everything],
  ["review", { name: "review", review, text: "", from: "sheet.toml" }, everything],
  ["details", { name: "details" }, everything],
  ["request", { name: "request" }, everything],
  ["registration", { name: "registration", id: "acme-production", tab: "overview" }, everything],
  ["for your administrator", { name: "registration", id: "acme-production", tab: "administrator" }, everything],
  ["automations", { name: "automations" }, everything],
  ["settings", { name: "settings", tab: "preferences" }, everything],
  ["about", { name: "settings", tab: "about" }, everything],
];

it.each(pages)("%s", async (_name, page, view) => {
  app.view = view;
  route.page = page;
  render(App);
  expect(document.querySelector("h1")).not.toBeNull();
  expect(await findings()).toEqual([]);
});

it("sign-out dialog", async () => {
  app.view = everything;
  route.page = { name: "registration", id: "acme-production", tab: "overview" };
  render(App);
  document.querySelector<HTMLElement>('[data-testid="sign-out-browser"]')?.click();
  await tick();
  expect(document.querySelector("dialog")?.textContent).toContain("Sign out of Acme production in the browser?");
  expect(await findings()).toEqual([]);
});

it("approval", async () => {
  render(Approve, { prompt: data.approval });
  expect(await findings()).toEqual([]);
});

it("signing in again", async () => {
  render(SignIn, { prompt: data.signInPrompt as never });
  expect(await findings()).toEqual([]);
});

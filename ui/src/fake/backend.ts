// Stands behind ipc.ts while pages are drawn without the app (`npm run dev`, `vite build --mode pictures`). Which state
// is shown comes from the address, such as `?view=home&page=settings`. Not part of a production build.

import { tick } from "svelte";
import type { PromptView, SheetReview, View } from "../bindings/view";
import type { Backend } from "../ipc";
import { freeze } from "../state/clock.svelte";
import { go } from "../state/route.svelte";
import { take } from "../view.svelte";
import { useLocale } from "../words/time";
import * as data from "./data";

const review: SheetReview = {
  name: "Acme production", edition: "cloud", host: "https://cloud.uipath.com", organization: "acme", tenants: ["DefaultTenant"],
  app_id: "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5", redirect_urls: data.acme.redirect_urls,
  scopes: data.acme.scopes.filter((one) => one.name !== "OR.Buckets.Read").map((one) => ({ ...one, granted: null })),
  left_out: [{ ...data.scope("OR.Default"), granted: null }], warnings: [],
};

const views: Record<string, () => View> = {
  none: () => data.view([], { recent: [], grants: [] }),
  home: () => data.view([data.needs, data.waiting, data.acme]),
  quiet: () => data.view([data.acme], { grants: [] }),
  all: () => data.view([data.needs, data.stranger, data.acme, data.offline, data.late, data.idle, data.out], { keyring: { state: "absent", name: "the keyring" } }),
  practice: () => data.view([data.practice], { recent: [], grants: [] }),
  incoming: () => data.view([data.acme], { incoming: { text: "…", from: "setup.sh" } }),
  locked: () => data.view([data.acme], { locked: true, problem: { code: "config_invalid", message: "The file attendant.toml could not be read.", advice: "Correct the file, or move it away and import the registration again." } }),
};

const prompts: Record<string, PromptView> = {
  signin: data.signInPrompt,
  approve: data.approval,
  practice: { ...data.approval, on_this_computer: true, name: "Practice tenant", place: "practice / DefaultTenant", account: "pat.practice@example.test" },
  signout: { kind: "sign_out", id: "p3", name: "Acme production", place: "acme / DefaultTenant", account: "dana.ferreira@acme.example", caller: data.approval.caller, browser: true, arm_ms: 500, on_this_computer: false },
  arming: { ...data.approval, arm_ms: 1e9 },
  gone: { ...data.approval, gone: true },
  terminal: { ...data.approval, durations: ["once", "this_run"], whole_token: true, more: 2, caller: { ...data.approval.caller, terminal: true, program: "/usr/bin/bash", script: null, claimed_name: null, claimed_reason: null, folder: "/home/dana" } },
  unknown: { ...data.approval, durations: ["once"], scopes: [data.scope("OR.Jobs")], caller: { program: null, pid: 5127, script: null, content: null, started_by: [], folder: null, terminal: false, claimed_name: "UiPath Studio Helper Service for Enter…", claimed_reason: null } },
};

const request = `Please register an external application for Attendant.

Where        Admin > External Applications > Add application
Name         Attendant (desktop sign-in)
Type         Non-Confidential application (no secret)
User scopes  OR.Folders.Read
             OR.Execution.Read
             OR.Jobs
             OR.Queues.Read
             OR.Queues.Write
             OR.Assets.Read
             OR.Buckets.Read
Redirects    http://localhost:8421/callback
             http://localhost:8422/callback
             http://localhost:8423/callback

Then send back: App ID, organization name, tenant name.`;

/** The backend for the state the address names. */
export function backend(): Backend {
  const wanted = new URLSearchParams(location.search);
  if (!wanted.has("alive")) freeze(data.moment);
  useLocale("en-GB");
  const state = (views[wanted.get("view") ?? "home"] ?? views["home"])?.() as View;
  const theme = wanted.get("theme");
  if (theme === "dark" || theme === "light") state.settings.appearance = theme;
  document.documentElement.classList.toggle("dark", theme === "dark");
  setTimeout(() => void open(wanted).then(() => act(wanted)), 0);

  const answers: Record<string, (args: Record<string, unknown>) => unknown> = {
    view: () => state,
    prompt: () => prompts[wanted.get("prompt") ?? "approve"] ?? null,
    review_sheet: () => review,
    choose_sheet: () => ({ file: "attendant-acme.json", text: "", review }),
    save_sheet: () => ({ id: "acme-production", name: "Acme production" }),
    request_text: () => request,
    dismiss_incoming: () => take({ ...state, revision: state.revision + 1, incoming: null }),
    set_settings: (args) => take({ ...state, revision: Date.now() % 1e9, settings: args["settings"] as View["settings"] }),
  };
  return {
    invoke: async <T>(command: string, args = {}) => {
      if (wanted.has("slow")) await new Promise((done) => setTimeout(done, 1500));
      return answers[command]?.(args) as T;
    },
    listen: async () => () => undefined,
  };
}

async function open(wanted: URLSearchParams): Promise<void> {
  const id = wanted.get("id") ?? "acme-production";
  const page = wanted.get("page");
  if (page === "review") await go({ name: "review", review, text: "", from: "attendant-acme.json" });
  else if (page === "registration") await go({ name: "registration", id, tab: wanted.get("tab") === "administrator" ? "administrator" : "overview" });
  else if (page === "settings") await go({ name: "settings", tab: wanted.get("tab") === "about" ? "about" : "preferences" });
  else if (page) await go({ name: page as "home" });
}

/** `&fill=detail-tenant:Test&click=save-and-sign-in`: what a person would do next, for pictures of it. */
async function act(wanted: URLSearchParams): Promise<void> {
  const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  for (const [what, value] of wanted) {
    if (what !== "fill" && what !== "click") continue;
    await tick();
    const [id = "", text = ""] = value.split(/:(.*)/);
    const found = find(id);
    if (what === "click") found?.click();
    else if (found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement) {
      found.value = text;
      found.dispatchEvent(new Event("input", { bubbles: true }));
      found.dispatchEvent(new Event("blur"));
    }
  }
}

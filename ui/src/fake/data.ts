// Invented data for drawing the pages without the app. All names and numbers are made up.

import type { PromptView, RegistrationView, ScopeView, View } from "../bindings/view";

/** The moment every invented time is written for. */
export const moment = Date.UTC(2025, 10, 21, 15, 2, 0);
const at = (minutes: number) => new Date(moment + minutes * 60_000).toISOString();
const days = (count: number) => new Date(moment + count * 86_400_000).toISOString();

const words: Record<string, string> = {
  "OR.Folders.Read": "See which folders you have",
  "OR.Execution.Read": "See the processes in them",
  "OR.Jobs": "See, start and stop jobs",
  "OR.Queues.Read": "See queues and their items",
  "OR.Queues.Write": "Add and change queue items",
  "OR.Assets.Read": "Read assets, with their values",
  "OR.Buckets.Read": "Read files in storage buckets",
  "OR.Default": "Everything your roles give, in every folder",
  offline_access: "Stay signed in after the first hour",
};
export const scope = (name: string, granted: boolean | null = true): ScopeView => ({ name, words: words[name] ?? null, granted });
const all = ["OR.Folders.Read", "OR.Execution.Read", "OR.Jobs", "OR.Queues.Read", "OR.Queues.Write", "OR.Assets.Read"];

function registration(id: string, name: string, tenant: string, change: Partial<Omit<RegistrationView, "status">> & { status?: Partial<RegistrationView["status"]> }): RegistrationView {
  const { status, ...rest } = change;
  return {
    edition: "cloud", host: "https://cloud.uipath.com", on_this_computer: false, organization: id.split("-")[0] ?? id,
    app_id: "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5",
    redirect_urls: [8421, 8422, 8423].map((port) => `http://localhost:${port}/callback`),
    scopes: [...all.map((one) => scope(one)), scope("OR.Buckets.Read", false), scope("offline_access")],
    attempt: null, problem: null, offline: false, sign_in_until: days(41.5), sign_in_days: 60, can_end_browser_session: true,
    ...rest,
    status: {
      id, name, state: "active", reason: null, account: "dana.ferreira@acme.example", held_until: at(38), expected_until: days(41.5),
      signed_in_at: days(-18), saved: true, tenants: [tenant], waiting: [], ...status,
    },
  };
}

export const needs = registration("northwind", "Northwind shared services", "Production", {
  problem: { code: "sign_in_expired", message: "This sign-in reached its 60 days today at 14:51.", advice: "Signing in takes one trip to your browser." },
  status: {
    state: "needs_person", reason: "sign_in_expired", held_until: null,
    waiting: [
      { name: "Invoice intake", since: at(-9), gives_up_at: at(10) },
      { name: "Month-end report", since: at(-2), gives_up_at: "" },
    ],
  },
});
export const waiting = registration("acme-test", "Acme test tenant", "Test", {
  attempt: { since: at(-7.4), gives_up_at: at(2.68), no_browser: false, stranger_answered: false, paste_problem: null },
  scopes: all.map((one) => scope(one, null)),
  status: { state: "awaiting_browser", held_until: null, account: null, saved: false },
});
export const acme = registration("acme-production", "Acme production", "DefaultTenant", {});
export const out = registration("contoso", "Contoso", "Default", { status: { state: "signed_out", held_until: null, account: null }, sign_in_until: null, scopes: all.map((one) => scope(one, null)) });
export const offline = registration("fabrikam", "Fabrikam", "Production", { offline: true, status: { held_until: at(22) } });
export const late = registration("globex", "Globex", "Production", { sign_in_until: days(3.6), status: { held_until: at(51) } });
export const idle = registration("initech", "Initech", "Default", { status: { held_until: null, saved: false } });
export const stranger = registration("acme-test", "Acme test tenant", "Test", {
  attempt: {
    since: at(-7.4), gives_up_at: at(2.68), no_browser: true, stranger_answered: true,
    paste_problem: { code: "error_page", message: "UiPath says you are not invited to acme.", advice: "Ask your administrator to add dana.ferreira@acme.example." },
  },
  status: { state: "awaiting_browser", held_until: null, account: null, saved: false },
});
export const practice = registration("practice-tenant", "Practice tenant", "DefaultTenant", {
  on_this_computer: true, edition: "automation-suite", host: "http://localhost:8090", organization: "practice", sign_in_until: days(59.5),
  scopes: [...all.map((one) => scope(one)), scope("offline_access")],
  status: { account: "pat.practice@example.test", held_until: at(57) },
});

export function view(registrations: RegistrationView[], change: Partial<View> = {}): View {
  return {
    revision: 1, locked: false, registrations,
    keyring: { state: "available", name: "GNOME Keyring" },
    recent: [
      { automation: "Invoice intake", registration: "Acme production", scopes: ["OR.Queues.Write"], at: at(-3), grant: "g1" },
      { automation: "Order sync", registration: "Acme production", scopes: ["OR.Assets.Read"], at: at(-24), grant: "g2" },
    ],
    grants: [
      { id: "g1", automation: "main.py", program: "/opt/automations/finance/invoice-intake/main.py", registration: "Acme production", scopes: ["OR.Queues.Write", "OR.Folders.Read"], duration: "this_run", since: at(-3) },
      { id: "g2", automation: "order_sync.ps1", program: "/opt/automations/order_sync.ps1", registration: "Acme production", scopes: ["OR.Assets.Read"], duration: "until_lock", since: at(-24) },
    ],
    settings: { appearance: "system", start_at_login: true, approval_seconds: 60, wait_before_asking_seconds: 20, remind_minutes: 15, tray_notice_shown: true },
    proxy: null, problem: null, incoming: null, ...change,
  };
}

export const signInPrompt: PromptView = {
  kind: "sign_in", id: "p1", registration: "northwind", name: "Northwind", place: "northwind / Production",
  account: "dana.ferreira@northwind.example", reason: { code: "sign_in_expired", message: "This sign-in reached its 60 days today at 14:51.", advice: "Sign in again." },
  waiting: needs.status.waiting, later_until: at(15), on_this_computer: false,
};

export const approval: Extract<PromptView, { kind: "approve" }> = {
  kind: "approve", id: "p2", name: "Acme production", place: "acme / DefaultTenant", account: "dana.ferreira@acme.example",
  caller: {
    program: "/usr/bin/python3.12", pid: 4121, script: "/opt/automations/finance/invoice-intake/main.py", content: "9f3a 61c2 e07d",
    started_by: ["/opt/UiPath/Assistant"], folder: null, terminal: false, claimed_name: "Invoice intake", claimed_reason: "nightly invoice queue",
  },
  scopes: [scope("OR.Queues.Write"), scope("OR.Folders.Read")], whole_token: false, durations: ["once", "this_run", "until_lock"],
  gives_up_at: at(0.8), answer_seconds: 60, arm_ms: 500, more: 0, gone: false, on_this_computer: false,
};

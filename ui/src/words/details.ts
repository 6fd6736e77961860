// What a person types into "Enter the details": checked field by field, then written as a hand-off sheet, so that
// typed and imported registrations take the same way into the app.

import type { Edition } from "../bindings/view";

export interface Details {
  edition: Edition;
  name: string;
  host: string;
  organization: string;
  tenant: string;
  appId: string;
  /** Keys of `uses` that are ticked. */
  uses: string[];
  /** Scope names typed by hand, used when "else" is ticked. */
  other: string;
}

export type DetailField = "name" | "host" | "organization" | "tenant" | "appId" | "scopes";
export type DetailErrors = Partial<Record<DetailField, string>>;

/** Ready-made choices and the scopes behind them. */
export const uses = [
  { key: "jobs", words: "Start a job and watch it", scopes: ["OR.Jobs", "OR.Execution.Read", "OR.Folders.Read"] },
  { key: "queues", words: "Work with queues", scopes: ["OR.Queues.Read", "OR.Queues.Write"] },
  { key: "assets", words: "Read assets", scopes: ["OR.Assets.Read"] },
] as const;

/** UiPath compares these letter by letter, and tries them in this order. */
export const redirectUrls = [8421, 8422, 8423].map((port) => `http://localhost:${port}/callback`);

export const emptyDetails = (): Details => ({
  edition: "cloud", name: "", host: "", organization: "", tenant: "", appId: "", uses: ["jobs"], other: "",
});

const isUiPath = (edition: Edition) => edition !== "oidc";
/** Automation Cloud and Automation Suite have organizations; a standalone Orchestrator has tenants only. */
export const hasOrganization = (edition: Edition) => edition === "cloud" || edition === "automation-suite";

/** Every field that is wrong, with what to do about it. Empty when all is well. */
export function check(details: Details): DetailErrors {
  const errors: DetailErrors = {};
  if (details.edition !== "cloud") {
    const wrong = checkHost(details.host);
    if (wrong) errors.host = wrong;
  }
  if (hasOrganization(details.edition)) {
    const wrong = checkSegment(details.organization, "organization", "the part after cloud.uipath.com/ in your browser");
    if (wrong) errors.organization = wrong;
  }
  if (isUiPath(details.edition)) {
    const wrong = checkSegment(details.tenant, "tenant", "the name at the top of Orchestrator");
    if (wrong) errors.tenant = wrong;
  }
  const app = checkAppId(details.appId, details.edition);
  if (app) errors.appId = app;
  const scopes = checkScopes(details);
  if (scopes) errors.scopes = scopes;
  return errors;
}

function checkAppId(typed: string, edition: Edition): string | null {
  const id = typed.trim();
  if (!id) return "Enter the App ID your administrator sent.";
  if (!isUiPath(edition)) return /\s/.test(id) ? "A client ID has no spaces. Copy it again." : null;
  if (id.length !== 36) {
    return id.length < 36
      ? `An App ID has 36 characters; this has ${id.length}. Copy it again, the list on UiPath’s page shows only the beginning.`
      : `An App ID has 36 characters; this has ${id.length}. Copy the App ID alone.`;
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    return "An App ID has the digits 0 to 9 and the letters a to f, in five groups. Copy it again.";
  }
  return null;
}

function checkHost(typed: string): string | null {
  const text = typed.trim();
  if (!text) return "Enter the server’s address, such as https://orchestrator.example.com.";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "This is not an address. It begins with https:// and the server’s name.";
  }
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && here)) return "The address must begin with https://.";
  if (url.username || url.password) return "Leave out the name and password; the browser asks for them.";
  return null;
}

function checkSegment(typed: string, what: string, where: string): string | null {
  const text = typed.trim();
  if (!text) return `Enter the ${what}: ${where}.`;
  if (/[/\\?#%\s]/.test(text)) return `Enter the ${what}’s name alone, without / or spaces.`;
  return null;
}

function checkScopes(details: Details): string | null {
  const typed = splitScopes(details.other);
  if (details.uses.includes("else")) {
    if (typed.length === 0) return "Enter at least one scope name, or untick “Something else”.";
    const odd = typed.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
    if (odd) return `“${odd}” is not a scope name. Copy it letter by letter.`;
  }
  return scopesOf(details).length === 0 ? "Tick at least one thing it may do." : null;
}

function splitScopes(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

/** The scopes to ask for, each once. */
export function scopesOf(details: Details): string[] {
  const ready = isUiPath(details.edition) ? uses.filter((use) => details.uses.includes(use.key)).flatMap((use) => [...use.scopes]) : [];
  const typed = details.uses.includes("else") || !isUiPath(details.edition) ? splitScopes(details.other) : [];
  const scopes = [...ready, ...typed];
  // Without it a sign-in ends after the first hour.
  if (scopes.length > 0 && !scopes.includes("offline_access")) scopes.push("offline_access");
  return [...new Set(scopes)];
}

/** What it is called when the person names nothing. */
export function suggestedName(details: Details): string {
  const { edition, organization, tenant } = details;
  if (isUiPath(edition)) {
    const parts = [hasOrganization(edition) ? organization.trim() : "", tenant.trim()].filter(Boolean);
    return parts.join(" ");
  }
  try {
    return new URL(details.host.trim()).host;
  } catch {
    return "";
  }
}

/** The details as a hand-off sheet. Call it only when `check` found nothing. */
export function sheetText(details: Details): string {
  return JSON.stringify({
    schema: "attendant-registration/1",
    name: details.name.trim() || suggestedName(details),
    type: "non-confidential",
    edition: details.edition,
    host: details.edition === "cloud" ? "https://cloud.uipath.com" : details.host.trim(),
    ...(hasOrganization(details.edition) ? { organization: details.organization.trim() } : {}),
    ...(isUiPath(details.edition) ? { tenants: [details.tenant.trim()] } : {}),
    app_id: details.appId.trim(),
    redirect_urls: redirectUrls,
    scopes: { user: scopesOf(details), application: [] },
  });
}

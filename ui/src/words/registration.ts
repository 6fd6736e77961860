// A registration's fixed facts in words.

import type { Edition } from "../bindings/view";

export function editionName(edition: Edition): string {
  switch (edition) {
    case "cloud":
      return "UiPath Automation Cloud";
    case "automation-suite":
      return "UiPath Automation Suite";
    case "standalone":
      return "UiPath Orchestrator";
    case "oidc":
      return "OpenID Connect provider";
  }
}

/** `localhost on port 8421, 8422 or 8423`; addresses that do not fit the pattern are shown as they are. */
export function returnsTo(urls: string[]): string {
  const parsed = urls.map((url) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):(\d+)(\/[^?#]*)$/.exec(url));
  const [first] = parsed;
  if (!first || parsed.some((one) => !one || one[1] !== first[1] || one[3] !== first[3])) return urls.join(", ");
  const ports = parsed.map((one) => one?.[2] ?? "");
  const last = ports.pop();
  return `${first[1]} on port ${ports.length > 0 ? `${ports.join(", ")} or ` : ""}${last}`;
}

/** A long id as UiPath's list shows it: the first 8, and the last 4. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}

import { describe, expect, it } from "vitest";
import { check, type Details, emptyDetails, scopesOf, sheetText, suggestedName } from "../src/words/details";

const good: Details = { ...emptyDetails(), organization: "acme", tenant: "DefaultTenant", appId: "b81e5c40-0f3d-4a77-8e6b-0d6c1be2f8a5" };
const wrong = (change: Partial<Details>) => check({ ...good, ...change });

describe("the details", () => {
  it("are accepted when they are right", () => {
    expect(check(good)).toEqual({});
    expect(wrong({ edition: "automation-suite", host: "https://suite.example.com" })).toEqual({});
    expect(wrong({ edition: "standalone", host: "https://orchestrator.example.com", organization: "" })).toEqual({});
    expect(wrong({ edition: "oidc", host: "http://localhost:9000", organization: "", tenant: "", appId: "desktop", other: "openid" })).toEqual({});
  });

  it("say how long an App ID is", () => {
    expect(wrong({ appId: "b81e5c40-0f3d-4a77-8e6b" })).toEqual({
      appId: "An App ID has 36 characters; this has 23. Copy it again, the list on UiPath’s page shows only the beginning.",
    });
    expect(wrong({ appId: `${good.appId}, acme` }).appId).toContain("this has 42");
    expect(wrong({ appId: "z81e5c40-0f3d-4a77-8e6b-0d6c1be2f8a5" }).appId).toContain("letters a to f");
    expect(wrong({ appId: ` ${good.appId} ` })).toEqual({});
  });

  it.each([
    ["", "Enter the server’s address"],
    ["orchestrator.example.com", "This is not an address"],
    ["http://orchestrator.example.com", "must begin with https://"],
    ["https://dana:pw@orchestrator.example.com", "Leave out the name and password"],
    ["file:///etc/passwd", "must begin with https://"],
  ])("refuse the server %j", (host, words) => {
    expect(wrong({ edition: "automation-suite", host }).host).toContain(words);
  });

  it("want names, not addresses", () => {
    expect(wrong({ organization: "cloud.uipath.com/acme" }).organization).toContain("name alone");
    expect(wrong({ tenant: "" }).tenant).toContain("Enter the tenant");
  });

  it("want something to ask for", () => {
    expect(wrong({ uses: [] }).scopes).toBe("Tick at least one thing it may do.");
    expect(wrong({ uses: ["else"], other: " " }).scopes).toContain("at least one scope name");
    expect(wrong({ uses: ["else"], other: "OR.Täsks" }).scopes).toContain("“OR.Täsks” is not a scope name");
  });

  it("become scopes, each once, that outlast the first hour", () => {
    expect(scopesOf({ ...good, uses: ["jobs", "else"], other: "OR.Tasks, OR.Jobs" })).toEqual(["OR.Jobs", "OR.Execution.Read", "OR.Folders.Read", "OR.Tasks", "offline_access"]);
  });

  it("become a hand-off sheet", () => {
    expect(JSON.parse(sheetText(good))).toEqual({
      schema: "attendant-registration/1", name: "acme DefaultTenant", type: "non-confidential", edition: "cloud", host: "https://cloud.uipath.com",
      organization: "acme", tenants: ["DefaultTenant"], app_id: good.appId,
      redirect_urls: ["http://localhost:8421/callback", "http://localhost:8422/callback", "http://localhost:8423/callback"],
      scopes: { user: ["OR.Jobs", "OR.Execution.Read", "OR.Folders.Read", "offline_access"], application: [] },
    });
    expect(JSON.parse(sheetText({ ...good, edition: "oidc", host: "https://id.example.com/x", other: "openid" }))).not.toHaveProperty("organization");
    expect(suggestedName({ ...good, edition: "oidc", host: "https://id.example.com/x" })).toBe("id.example.com");
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import * as data from "../src/fake/data";
import { headline, steadyOrder } from "../src/words/home";
import { useLocale } from "../src/words/time";

beforeAll(() => useLocale("en-GB"));

describe("the fact at the top of Home", () => {
  it.each([
    ["one needs you", [data.needs, data.waiting, data.acme], "Northwind shared services needs you", "2 automations are waiting for it. Acme production is covered until 15:40."],
    ["two need you", [data.needs, { ...data.needs, status: { ...data.needs.status, id: "b", waiting: [] } }], "2 sign-ins need you", "2 automations are waiting."],
    ["waiting", [data.waiting, data.acme], "Finish signing in to Acme test tenant", "Your browser has the next step. Acme production is covered until 15:40."],
    ["covered", [data.acme], "Everything is covered", "Nothing is waiting. You can close this window, Attendant goes on."],
    ["offline", [data.offline], "UiPath cannot be reached now", "Attendant tries again by itself. Nothing to do. Fabrikam is covered until 15:24."],
    ["signed out", [data.out], "Nobody is signed in", "Sign in to let automations work as you."],
    ["one of two", [data.acme, data.out], "Acme production is covered", "1 registration signed out. Nothing is waiting."],
  ])("%s", (_name, registrations, title, sub) => {
    expect(headline(data.view(registrations), data.moment)).toEqual({ title, sub });
  });

  it("locked comes before everything", () => {
    expect(headline(data.view([data.needs], { locked: true }), data.moment).title).toBe("Attendant is locked");
  });
});

describe("rows stay under the pointer", () => {
  it("keeps the order it showed", () => expect(steadyOrder(["a", "b", "c"], ["c", "a", "b"])).toEqual(["a", "b", "c"]));
  it("drops what is gone", () => expect(steadyOrder(["a", "b"], ["b"])).toEqual(["b"]));
  it("puts a new one where the view has it", () => {
    expect(steadyOrder(["a", "b"], ["n", "a", "b"])).toEqual(["n", "a", "b"]);
    expect(steadyOrder(["a", "b"], ["b", "n", "a"])).toEqual(["a", "b", "n"]);
  });
  it("takes the view's order at first", () => expect(steadyOrder([], ["b", "a"])).toEqual(["b", "a"]));
});

// The sentences beside the dial, one for each state of the design's table, at a fixed moment.

import { beforeAll, describe, expect, it } from "vitest";
import * as data from "../src/fake/data";
import { coverage, spoken } from "../src/words/coverage";
import { useLocale } from "../src/words/time";

beforeAll(() => useLocale("en-GB"));

const at = (view: Parameters<typeof coverage>[0]) => {
  const found = coverage(view, data.moment);
  return { first: spoken(found.first), second: found.second, dial: found.dial, late: found.secondNeedsYou };
};

describe("TimeLeft", () => {
  it("active: access by the clock, sign-in by the day", () => {
    const { first, second, dial } = at(data.acme);
    expect(first).toBe("Covered until 15:40, renews while it is used.");
    expect(second).toBe("Next sign-in by 2 January, in 42 days.");
    expect(dial).toMatchObject({ state: "active", minutes: 38, of: 60, days: 42, daysOf: 60, late: false });
    expect(dial.label).toBe("Access for 38 more minutes; sign-in for 42 of 60 days");
  });

  it("five days or less are amber", () => {
    const { second, late, dial } = at(data.late);
    expect(second).toBe("Next sign-in by 25 November, in 4 days.");
    expect(late).toBe(true);
    expect(dial.late).toBe(true);
    expect(coverage({ ...data.late, sign_in_until: new Date(data.moment + 5.5 * 86_400_000).toISOString() }, data.moment).secondNeedsYou).toBe(false);
  });

  it("no access held", () => {
    expect(at(data.idle)).toMatchObject({ first: "Signed in. Access is fetched when something asks.", dial: { state: "idle", minutes: 0 } });
    const ended = { ...data.acme, status: { ...data.acme.status, held_until: new Date(data.moment - 1000).toISOString() } };
    expect(at(ended).dial.state).toBe("idle");
  });

  it("offline is not an alarm", () => {
    expect(at(data.offline)).toMatchObject({
      first: "Covered until 15:24. UiPath cannot be reached now.",
      second: "Attendant tries again by itself. Nothing to do.",
      dial: { state: "offline", minutes: 22 },
    });
    expect(at({ ...data.offline, edition: "oidc" }).first).toContain("The sign-in server cannot be reached now.");
  });

  it("waiting for the browser counts by the second", () => {
    const { first, dial } = at(data.waiting);
    expect(first).toBe("Finish signing in there. Attendant stops waiting in 2:41.");
    expect(dial.state).toBe("waiting");
    expect(dial.minutes / dial.of).toBeCloseTo(2.68 / 10.08, 2);
    expect(at(data.stranger).first).toMatch(/^No browser opened\. Copy the link and open it yourself\./);
    expect(at({ ...data.waiting, status: { ...data.waiting.status, state: "exchanging" } }).first).toBe("Your browser answered. Finishing the sign-in.");
  });

  it("needs you: the reason, and what to do", () => {
    expect(at(data.needs)).toMatchObject({
      first: "This sign-in reached its 60 days today at 14:51.",
      second: "Signing in takes one trip to your browser.",
      dial: { state: "attention", days: null },
    });
  });

  it("signed out", () => {
    expect(at(data.out)).toMatchObject({ first: "Signed out on this computer.", second: "No automation can use it until you sign in.", dial: { state: "out" } });
  });

  it("no end known: no ticks, and it says so", () => {
    const { second, dial } = at({ ...data.acme, sign_in_until: null, sign_in_days: null });
    expect(second).toBe("No end date known.");
    expect(dial.days).toBeNull();
    expect(dial.label).toBe("Access for 38 more minutes; sign-in without a known end");
  });
});

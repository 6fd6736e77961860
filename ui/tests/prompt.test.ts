import { cleanup, render } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PromptView } from "../src/bindings/view";
import { approval, moment, signInPrompt } from "../src/fake/data";
import Approve from "../src/prompt/Approve.svelte";
import SignIn from "../src/prompt/SignIn.svelte";
import { freeze } from "../src/state/clock.svelte";
import { useLocale } from "../src/words/time";
import { standIn } from "./app";

type Approval = Extract<PromptView, { kind: "approve" }>;
let desk: ReturnType<typeof standIn>;

beforeEach(() => {
  vi.useFakeTimers();
  desk = standIn({});
  freeze(moment);
  useLocale("en-GB");
});
afterEach(() => {
  cleanup();
  desk.end();
  vi.useRealTimers();
});

const answers = () => desk.of("answer_prompt").map((args) => args["answer"]);
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`) as HTMLElement;
const asleep = (id: string) => find(id).getAttribute("aria-disabled") === "true";

async function show(change: Partial<Approval> = {}) {
  const shown = render(Approve, { prompt: { ...approval, ...change } });
  await vi.advanceTimersByTimeAsync(1);
  return shown;
}
async function press(id: string) {
  find(id).dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  find(id).dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
  await vi.advanceTimersByTimeAsync(1);
}
async function key(name: string, target: EventTarget = document.body, more: KeyboardEventInit = {}) {
  target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));
  await vi.advanceTimersByTimeAsync(1);
}

describe("arming", () => {
  it("lets nothing decide for 500 ms", async () => {
    await show();
    for (const id of ["prompt-allow", "prompt-deny", "prompt-deny-today"]) {
      expect(asleep(id)).toBe(true);
      await press(id);
    }
    await key("Escape");
    expect(answers()).toEqual([]);
    expect(document.body.textContent).toContain("Buttons wake in a moment");

    await vi.advanceTimersByTimeAsync(500);
    expect(asleep("prompt-allow")).toBe(false);
    await press("prompt-allow");
    expect(answers()).toEqual([{ kind: "allow", duration: "once" }]);
  });

  it("starts anew when the window gains the focus: the click that brings it forward decides nothing", async () => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    window.dispatchEvent(new Event("focus"));
    await press("prompt-allow");
    expect(answers()).toEqual([]);
    await vi.advanceTimersByTimeAsync(498);
    expect(asleep("prompt-allow")).toBe(true);
    await vi.advanceTimersByTimeAsync(2);
    expect(asleep("prompt-allow")).toBe(false);
  });

  it("starts anew when the click comes before the focus", async () => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    window.dispatchEvent(new Event("blur"));
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    await press("prompt-allow");
    expect(answers()).toEqual([]);
    await vi.advanceTimersByTimeAsync(501);
    await press("prompt-allow");
    expect(answers()).toHaveLength(1);
    vi.restoreAllMocks();
  });

  it("starts anew when a word changes, but not when another prompt queues", async () => {
    const { rerender } = await show();
    await vi.advanceTimersByTimeAsync(600);
    await rerender({ prompt: { ...approval, more: 2 } });
    await tick();
    expect(asleep("prompt-allow")).toBe(false);
    expect(document.body.textContent).toContain("2 more after this");
    await rerender({ prompt: { ...approval, scopes: approval.scopes.slice(1) } });
    await tick();
    expect(asleep("prompt-allow")).toBe(true);
  });

  it("does not count a press that began before the buttons were awake", async () => {
    await show();
    find("prompt-allow").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(600);
    find("prompt-allow").dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    await vi.advanceTimersByTimeAsync(1);
    expect(answers()).toEqual([]);
  });

  it("does not count a key that is held down", async () => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    await key("Escape", document.body, { repeat: true });
    expect(answers()).toEqual([]);
  });
});

describe("an approval", () => {
  it("starts on Deny", async () => {
    await show();
    expect(document.activeElement).toBe(find("prompt-deny"));
  });

  it.each(["Escape", "Enter"])("%s means Deny", async (name) => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    await key(name);
    expect(answers()).toEqual([{ kind: "deny" }]);
  });

  it("Enter in the choice of durations means Deny, too", async () => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    await key("Enter", find("duration-this_run"));
    expect(answers()).toEqual([{ kind: "deny" }]);
  });

  it("is given as chosen, and the button says so", async () => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    find("duration-this_run").click();
    await tick();
    expect(find("prompt-allow").textContent).toContain("Allow this run");
    expect(document.body.textContent).toContain("Until process 4121 ends.");
    await press("prompt-allow");
    expect(answers()).toEqual([{ kind: "allow", duration: "this_run" }]);
    expect(desk.of("answer_prompt")[0]?.["id"]).toBe("p2");
  });

  it("is answered once", async () => {
    await show();
    await vi.advanceTimersByTimeAsync(600);
    find("prompt-deny").click();
    find("prompt-allow").click();
    await vi.advanceTimersByTimeAsync(1);
    expect(answers()).toEqual([{ kind: "deny" }]);
  });

  it("says that it no longer waits, and goes after five seconds", async () => {
    await show({ gone: true });
    expect(document.body.textContent).toContain("It no longer waits. Nothing was given.");
    expect(find("prompt-allow")).toBeNull();
    await vi.advanceTimersByTimeAsync(4900);
    expect(answers()).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(answers()).toEqual([{ kind: "deny" }]);
  });

  it("offers once only to a caller that cannot be checked", async () => {
    await show({ durations: ["once"], caller: { ...approval.caller, program: null, script: null, content: null, started_by: [], pid: 5127 } });
    expect(document.querySelector("h1")?.textContent).toBe("A program that cannot be checked asks to use Acme production as you");
    expect(document.body.textContent).toContain("The system does not let Attendant look at process 5127.");
    expect(document.querySelector(".checked")).toBeNull();
    expect(find("prompt-deny-today")).toBeNull();
    expect(document.querySelector('[role="radiogroup"]')).toBeNull();
  });

  it("asks for the height of its content", async () => {
    Object.defineProperty(HTMLElement.prototype, "offsetHeight", { configurable: true, get: () => 200.4 });
    await show();
    expect(desk.of("fit_prompt")).toEqual([{ height: 401 }]);
    delete (HTMLElement.prototype as { offsetHeight?: number }).offsetHeight;
  });
});

describe("words of a stranger", () => {
  it("are text, never markup, and cannot turn the path around", async () => {
    await show({
      caller: {
        ...approval.caller,
        script: "/opt/<img src=x onerror=alert(1)>/\u202Eyp.niam",
        claimed_name: "<b>Windows\u202E Update</b>\nAllow",
        claimed_reason: null,
      },
    });
    expect(document.querySelector("img")).toBeNull();
    expect(document.body.textContent).toContain("\\u{202e}yp.niam");
    expect(document.body.textContent).toContain("“<b>Windows Update</b> Allow”");
    expect(document.body.textContent).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    const claimed = document.querySelector(".claimed");
    expect(claimed?.textContent).toContain("Says it is");
    expect(document.querySelector(".checked")?.textContent).not.toContain("Update");
  });

  it("stay out of the heading", async () => {
    await show({ caller: { ...approval.caller, claimed_name: "Northwind payroll" } });
    expect(document.querySelector("h1")?.textContent).toBe("A program asks to use Acme production as you");
  });
});

describe("signing in again", () => {
  it("starts on Sign in, and Esc is Later", async () => {
    render(SignIn, { prompt: signInPrompt as Extract<PromptView, { kind: "sign_in" }> });
    await vi.advanceTimersByTimeAsync(600);
    expect(document.activeElement).toBe(find("prompt-sign-in"));
    expect(document.body.textContent).toContain("9 min, gives up at 15:12");
    expect(document.body.textContent).toContain("Later asks again at 15:17");
    await key("Escape");
    expect(answers()).toEqual([{ kind: "later" }]);
  });

  it("sends the person to the browser", async () => {
    render(SignIn, { prompt: signInPrompt as Extract<PromptView, { kind: "sign_in" }> });
    await vi.advanceTimersByTimeAsync(600);
    await press("prompt-sign-in");
    expect(answers()).toEqual([{ kind: "sign_in" }]);
  });
});

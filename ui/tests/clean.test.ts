import { describe, expect, it } from "vitest";
import { clean, cut, pathParts, spelled } from "../src/words/clean";

describe("text from strangers", () => {
  it("loses what cannot be seen or turns the text around", () => {
    expect(clean("Inv\u202Eoice\u200B in\u0000take\u2066")).toBe("Invoice intake");
    expect(clean("two\r\nlines\there")).toBe("two lines here");
    expect(clean("tag\u{E0041}s")).toBe("tags");
  });
  it("keeps people's own letters", () => expect(clean("Rechnungsprüfung 請求 فاتورة")).toBe("Rechnungsprüfung 請求 فاتورة"));
  it("is cut with its length stated", () => {
    expect(cut("short")).toBe("short");
    expect(cut("x".repeat(100))).toBe(`${"x".repeat(80)}… (100 characters)`);
  });
});

describe("paths", () => {
  it("are cut after separators, the name apart", () => {
    expect(pathParts("/opt/automations/main.py")).toEqual({ folders: ["/", "opt/", "automations/"], name: "main.py" });
    expect(pathParts("D:\\Automat\\start.xaml")).toEqual({ folders: ["D:\\", "Automat\\"], name: "start.xaml" });
    expect(pathParts("/opt/")).toEqual({ folders: ["/", "opt/"], name: "" });
  });
  it("spell out what would mislead: two paths never look the same", () => {
    expect(spelled("/opt/\u202Eyp.niam")).toBe("/opt/\\u{202e}yp.niam");
    expect(spelled("/opt/a\u200Bb")).not.toBe(spelled("/opt/ab"));
  });
});

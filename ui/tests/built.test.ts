// What is shipped obeys the windows' content policy, and holds nothing that was invented for the pictures.
// @vitest-environment node

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";

const out = mkdtempSync(join(tmpdir(), "attendant-ui-"));
const files = (ending: string) =>
  readdirSync(out, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, text: readFileSync(join(out, name), "utf8") }));

beforeAll(async () => {
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  await build({ root: new URL("..", import.meta.url).pathname, mode: "production", logLevel: "error", build: { outDir: out } });
  process.env["NODE_ENV"] = before;
}, 60_000);
afterAll(() => rmSync(out, { recursive: true }));

it("has two pages, without inline code or styles", () => {
  const pages = files(".html");
  expect(pages.map((page) => page.name).sort()).toEqual(["index.html", "prompt.html"]);
  for (const { text } of pages) {
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=/i);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)/i);
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  }
});

it("writes no style attributes and no code from text", () => {
  for (const { name, text } of files(".js")) {
    expect(text.match(/<[a-z][^<>]*\sstyle=/i)?.[0], name).toBeUndefined();
    expect(text, name).not.toMatch(/\beval\(|new Function\(/);
  }
});

it("loads nothing from elsewhere", () => {
  for (const { name, text } of files(".css")) {
    expect(text, name).not.toMatch(/@import|url\((?!["']?data:image\/svg)/);
  }
});

it("leaves the invented data out", () => {
  const all = files(".js").map(({ text }) => text).join("");
  expect(all).toContain("view-changed");
  expect(all).not.toMatch(/Northwind|dana\.ferreira|7c2f9a10/);
});

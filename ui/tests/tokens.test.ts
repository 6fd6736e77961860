// The contrast table of the design, computed from tokens.css with the WCAG formula: 4.5 for text, 3 for edges and pictures.

// @vitest-environment node

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../src/tokens.css", import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");

function block(start: string): Record<string, string> {
  const at = css.indexOf(start);
  const body = css.slice(css.indexOf("{", at) + 1, css.indexOf("}", at));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)].map((found) => [found[1], found[2]]));
}

const light = block(":root {");
const dark = block(":root.dark {");
const system = block(":root:not(.light)");

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one = "", other = ""): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["canvas", "side", "surface", "sunken", "hover", "selected"];
const texts: [string, string[]][] = [
  ["text", [...grounds, "attention-soft", "danger-soft"]],
  ["text-2", [...grounds, "attention-soft", "danger-soft"]],
  ["text-3", ["canvas", "side", "surface", "sunken", "hover", "selected"]],
  ["accent", ["canvas", "surface", "selected", "side"]],
  ["attention", ["canvas", "side", "surface", "attention-soft"]],
  ["danger", ["canvas", "surface", "danger-soft", "hover"]],
];
const pairs: [string, string, number][] = [
  ...texts.flatMap(([text, on]) => on.map((ground): [string, string, number] => [text, ground, 4.5])),
  ["on-accent", "accent-fill", 4.5],
  ["on-accent", "accent-fill-hover", 4.5],
  ["on-danger", "danger-fill", 4.5],
  ...["surface", "side", "canvas", "hover"].map((ground): [string, string, number] => ["line-control", ground, 3]),
  ...["surface", "side", "canvas"].map((ground): [string, string, number] => ["focus", ground, 3]),
  ...["surface", "canvas"].map((ground): [string, string, number] => ["accent-fill", ground, 3]),
  ...["surface", "attention-soft"].map((ground): [string, string, number] => ["attention-line", ground, 3]),
];

describe.each([["light", light], ["dark", dark]] as const)("%s", (_name, tokens) => {
  it.each(pairs)("%s on %s has %d : 1 or more", (front, back, least) => {
    expect(tokens[front], front).toMatch(/^#/);
    expect(tokens[back], back).toMatch(/^#/);
    expect(contrast(tokens[front], tokens[back])).toBeGreaterThanOrEqual(least);
  });
});

it("knows the formula", () => {
  expect(contrast("#ffffff", "#000000")).toBeCloseTo(21, 5);
  // Two values of the design's own table.
  expect(contrast(light["text"], light["canvas"])).toBeCloseTo(15.4, 1);
  expect(contrast(dark["text-3"], dark["selected"])).toBeCloseTo(4.8, 1);
});

it("has the same dark values for the system's choice and the person's", () => {
  expect(system).toEqual(dark);
  expect(Object.keys(dark).length).toBeGreaterThan(20);
});

// Every picture in the window that is not the dial: one path on a 16 × 16 grid, drawn as a 1.5 px line.

const circle = (r: number, x = 8, y = 8) => `M${x + r} ${y}a${r} ${r} 0 1 1 ${-2 * r} 0a${r} ${r} 0 1 1 ${2 * r} 0`;
const triangle = "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1";

export interface Drawing {
  line?: string;
  solid?: string;
}

export const icons = {
  home: { line: "M2.5 7.5 8 3l5.5 4.5v5.5h-4v-3.5h-3V13h-4z" },
  automations: {
    line: "M4 2.5h8a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 9V4A1.5 1.5 0 0 1 4 2.5zM5 13.5h6M8 10.5v3M5.5 5.5 7 6.75 5.5 8M8.5 8H10",
  },
  settings: { line: `M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7${circle(1.75, 10.75, 4.5)}${circle(1.75, 5.25, 11.5)}` },
  lock: { line: "M4.7 7h6.6a1.2 1.2 0 0 1 1.2 1.2v4.1a1.2 1.2 0 0 1-1.2 1.2H4.7a1.2 1.2 0 0 1-1.2-1.2V8.2A1.2 1.2 0 0 1 4.7 7zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" },
  shield: { line: "M8 1.8 13 3.6v4c0 3-2 5.2-5 6.6-3-1.4-5-3.6-5-6.6v-4z" },
  import: { line: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13h10" },
  pencil: { line: "m3 13 .6-3L10.5 3 13 5.5 6 12.4z" },
  back: { line: "M10 3.5 5.5 8l4.5 4.5" },
  plus: { line: "M8 3v10M3 8h10" },
  check: { line: "m3 8.5 3.2 3.2L13 5" },
  cross: { line: "M4 4l8 8M12 4l-8 8" },
  copy: {
    line: "M7 5.5h5A1.5 1.5 0 0 1 13.5 7v5a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 12V7A1.5 1.5 0 0 1 7 5.5zM10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2",
  },
  info: { line: `${circle(6)}M8 7.2v3.6M8 5.1v.1` },
  warning: { line: triangle },
  clock: { line: `${circle(6)}M8 4.5V8l2.3 1.6` },
  globe: { line: `${circle(6)}M2 8h12M8 2c2 1.8 2.8 3.8 2.8 6S10 12.2 8 14c-2-1.8-2.8-3.8-2.8-6S6 3.8 8 2z` },
  outside: { line: "M6.5 3.5H3v9.5h9.5V9.5M9.5 2.5h4v4M13.5 2.5 7.5 8.5" },
  list: { line: "M2.5 4h11M2.5 8h11M2.5 12h7" },
  folder: { line: "M1.8 4v8.5h12.4v-7H8L6.5 4z" },
  play: { line: "M4.5 3v10l8.5-5z" },
  key: { line: `${circle(2.6, 5.2, 10.8)}M7.2 9 13 3.2M10.8 5.4l1.9 1.9` },
  file: { line: "M4 2h5l3.5 3.5V14H4zM9 2v3.5h3.5" },
  active: { solid: circle(4.2) },
  waiting: { line: circle(4.8), solid: "M8 3.2a4.8 4.8 0 0 1 0 9.6z" },
  offline: { line: `${circle(4.8)}M4 12 12 4` },
  out: { line: circle(4.8) },
  minus: { line: "M3.5 8h9" },
  ring: { line: "M8 2.6a5.4 5.4 0 1 1-4.7 2.7" },
} satisfies Record<string, Drawing>;

export type IconName = keyof typeof icons;

/** The picture beside what a scope lets a program do. */
export function scopeIcon(scope: string): IconName {
  if (/Folders|Buckets/.test(scope)) return "folder";
  if (/Jobs|Execution/.test(scope)) return "play";
  if (/Queues|Tasks/.test(scope)) return "list";
  if (/Assets|Default/.test(scope)) return "key";
  return "shield";
}

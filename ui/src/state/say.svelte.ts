// What is said aloud, politely, when something changed that focus does not show.

export const spoken = $state({ text: "" });
let last: ReturnType<typeof setTimeout> | undefined;

/** Says `text` through the window's one live region, and shows it for a few seconds. */
export function say(text: string): void {
  spoken.text = text;
  clearTimeout(last);
  last = setTimeout(() => (spoken.text = ""), 4000);
}

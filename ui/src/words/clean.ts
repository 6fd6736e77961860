// Text from strangers: names of programs, words of servers. Svelte escapes markup; this takes out what could still
// mislead an eye: control characters, direction marks (Trojan Source), invisible letters.

// Cc, Cf (bidi marks, zero width, tags), Zl, Zp, private use and unassigned.
const MISLEADING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;

/** `text` without characters that are not seen or that turn the text around. A line break becomes a space. */
export function clean(text: string): string {
  return text.replace(/[\r\n\t]+/g, " ").replace(MISLEADING, "");
}

/** A path with every misleading character spelled out, so that two different paths never look the same. */
export function spelled(path: string): string {
  return path.replace(MISLEADING, (letter) => `\\u{${letter.codePointAt(0)?.toString(16) ?? "?"}}`);
}

/** A path cut after each separator; the last part is the name. */
export function pathParts(path: string): { folders: string[]; name: string } {
  const parts = spelled(path).match(/[^/\\]*[/\\]|[^/\\]+$/g) ?? [];
  const last = parts[parts.length - 1];
  if (last === undefined || /[/\\]$/.test(last)) return { folders: parts, name: "" };
  return { folders: parts.slice(0, -1), name: last };
}

/** `text` at most `most` characters long, with its real length stated where it was longer. */
export function cut(text: string, most = 80): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most).join("")}… (${letters.length} characters)`;
}

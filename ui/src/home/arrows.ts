// Up, Down, Home and End move between the rows of a list, onto each row's first control.

export function byArrows(list: HTMLElement) {
  function key(event: KeyboardEvent) {
    const target = event.target as HTMLElement;
    if (target.matches("input, textarea, select")) return;
    const rows = [...list.children].filter((row) => row.querySelector("button"));
    const at = rows.findIndex((row) => row.contains(target));
    const to = { ArrowDown: Math.min(at + 1, rows.length - 1), ArrowUp: Math.max(at - 1, 0), Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    rows[to]?.querySelector<HTMLElement>("[data-main], button")?.focus();
  }
  list.addEventListener("keydown", key);
  return { destroy: () => list.removeEventListener("keydown", key) };
}

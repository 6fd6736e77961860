// Esc means no wherever the focus is. Enter means no unless it stands on a button, which then does what it says.

export function denies(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  const onButton = target?.closest("button") != null && target.closest('[role="radiogroup"]') === null;
  if (event.key !== "Escape" && (event.key !== "Enter" || onButton)) return false;
  event.preventDefault();
  return true;
}

// The latest view, and nothing else. Pages read `app.view`; a view that comes late never replaces a newer one.

import type { View } from "./bindings/view";
import { getView, onView } from "./ipc";

export const app = $state<{ view: View | null }>({ view: null });

/** Takes `view` unless a newer one is shown already. */
export function take(view: View): void {
  if (app.view === null || view.revision > app.view.revision) app.view = view;
}

let followed: Promise<unknown> | null = null;

/**
 * Subscribes, once for the life of the window. The view is asked for at once, for a window that is there soon, and once
 * more when changes are sure to arrive, so that none is missed between.
 */
export function follow(): Promise<unknown> {
  followed ??= Promise.all([getView().then(take), onView(take)]).then(getView).then(take);
  return followed;
}

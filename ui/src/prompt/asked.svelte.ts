// What is asked now. The prompt window's counterpart of view.svelte.ts.

import type { PromptView } from "../bindings/view";
import { getPrompt, onPrompt } from "../ipc";

export const asked = $state<{ prompt: PromptView | null }>({ prompt: null });

let heard = false;

/** Subscribes first, then asks, so that no change is missed between; a change that was heard meanwhile wins. */
export async function follow(): Promise<void> {
  await onPrompt((prompt) => {
    heard = true;
    asked.prompt = prompt;
  });
  const prompt = await getPrompt();
  if (!heard) asked.prompt = prompt;
}

// The doors to the app: one typed function per command. The only file that knows Tauri.

import { invoke as tauriInvoke } from "@tauri-apps/api/core";
import { listen as tauriListen } from "@tauri-apps/api/event";
import type { PromptAnswer, PromptView, Settings, SheetReview, View } from "./bindings/view";

/** What stands behind the doors: the app, or invented data while the pages are drawn without it. */
export interface Backend {
  invoke<T>(command: string, args?: Record<string, unknown>): Promise<T>;
  listen<T>(event: string, handler: (payload: T) => void): Promise<() => void>;
}

const app: Backend = {
  invoke: (command, args) => tauriInvoke(command, args),
  listen: (event, handler) => tauriListen(event, (sent) => handler(sent.payload as never)),
};

// Vite drops the invented data from a production build: there the condition is `false` when it is compiled.
const backend: Promise<Backend> =
  import.meta.env.MODE !== "production" && import.meta.env.MODE !== "test" && !("__TAURI_INTERNALS__" in window)
    ? import("./fake/backend").then((module) => module.backend())
    : Promise.resolve(app);

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  return (await backend).invoke<T>(command, args);
}

async function on<T>(event: string, handler: (payload: T) => void): Promise<() => void> {
  return (await backend).listen<T>(event, handler);
}

// The main window.

/** Everything the window shows, as it is now. */
export const getView = () => call<View>("view");
/** Hears of every later view. */
export const onView = (handler: (view: View) => void) => on("view-changed", handler);

/** Starts the practice tenant on this computer, adds its registration and opens the browser. */
export const startPractice = () => call<void>("start_practice");
/** Removes the practice registration and ends the practice tenant. */
export const stopPractice = () => call<void>("stop_practice");
/** Lets something happen to the practice sign-in. */
export const practicePlay = (what: "end_sign_in" | "ask" | "cut") => call<void>("practice_play", { what });

/** A sheet the person chose, read and checked; null when they closed the dialog. */
export const chooseSheet = () => call<{ file: string; text: string; review: SheetReview } | null>("choose_sheet");
/** Reads and checks pasted text. */
export const reviewSheet = (text: string) => call<SheetReview>("review_sheet", { text });
/** Saves a reviewed sheet under `name`; `include` are left-out scopes to take after all. Answers the id. */
export const saveSheet = (text: string, name: string | null, include: string[]) =>
  call<{ id: string; name: string }>("save_sheet", { text, name, include });
/** Does not take the sheet a program handed over. */
export const dismissIncoming = () => call<void>("dismiss_incoming");
/** What to send to the administrator; without an id, the general request. */
export const requestText = (id: string | null) => call<string>("request_text", { id });
/** Puts text on the clipboard. */
export const copyText = (text: string) => call<void>("copy_text", { text });

/** Opens the browser to sign in. */
export const signIn = (id: string, otherAccount = false) => call<void>("sign_in", { id, otherAccount });
/** Opens the browser once more. */
export const openAgain = (id: string) => call<void>("open_again", { id });
/** Puts a fresh link on the clipboard. */
export const copyLink = (id: string) => call<void>("copy_link", { id });
/** Stops waiting for the browser. */
export const cancelSignIn = (id: string) => call<void>("cancel_sign_in", { id });
/** An address from another browser, or of an error page. */
export const pasteAddress = (id: string, address: string) => call<void>("paste_address", { id, address });
/** Whether the browser that answered was the person's. */
export const answerStranger = (id: string, mine: boolean) => call<void>("answer_stranger", { id, mine });
/** Forgets the sign-in here, and ends the browser's session if asked. */
export const signOut = (id: string, browser: boolean) => call<void>("sign_out", { id, browser });
/** Looks at the keyring and the network again now. */
export const tryAgain = (id: string) => call<void>("try_again", { id });
/** Removes a registration with its sign-in. */
export const removeRegistration = (id: string) => call<void>("remove_registration", { id });

/** Takes back what was allowed. */
export const revokeGrant = (grant: string) => call<void>("revoke_grant", { grant });
/** Hands nothing out until unlocked. */
export const lock = () => call<void>("lock");
/** Hands out again. */
export const unlock = () => call<void>("unlock");
/** Changes the preferences. */
export const setSettings = (settings: Settings) => call<void>("set_settings", { settings });
/** Removes every sign-in, the state and the configuration. */
export const eraseEverything = () => call<void>("erase_everything");

// The prompt window.

/** What to ask; null when there is nothing to ask any more. */
export const getPrompt = () => call<PromptView | null>("prompt");
/** Hears of every later prompt and change. */
export const onPrompt = (handler: (prompt: PromptView | null) => void) => on("prompt-changed", handler);
/** The person's answer. */
export const answerPrompt = (id: string, answer: PromptAnswer) => call<void>("answer_prompt", { id, answer });
/** Makes the window as tall as its content and shows it. */
export const fitPrompt = (height: number) => call<void>("fit_prompt", { height });

// Both windows.

/** Closes this window; Attendant goes on. For a prompt that is Deny, or Later. */
export const closeWindow = () => call<void>("close_window");

// Buttons that wake late. A prompt can appear under a click or a key that was meant for something else, so nothing
// decides until the person has had a moment: after it appears, after it gains the focus, after any word in it changes.

export class Arming {
  /** Whether buttons decide now. */
  armed = $state(false);
  #ms: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The person has turned to this window since it lost the focus. */
  #turned = false;
  /** The press that is under way began on buttons that were awake. */
  #pressed = false;
  #words: string | null = null;

  /** `ms`: how long the buttons sleep. */
  constructor(ms: () => number) {
    this.#ms = ms;
  }

  /** The moment starts anew. */
  again(): void {
    this.armed = false;
    this.#pressed = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.armed = true), this.#ms());
  }

  /** Notes what the prompt says; when it says something else, the moment starts anew. */
  heed(words: string): void {
    const changed = this.#words !== null && this.#words !== words;
    this.#words = words;
    if (changed) this.again();
  }

  /** Whether the press or key that led to `event` may decide. */
  decides(event: MouseEvent | KeyboardEvent): boolean {
    if (!this.armed) return false;
    if (event instanceof KeyboardEvent) return !event.repeat;
    // A click from the keyboard has no press; its key went through `key` first.
    return event.detail === 0 || this.#pressed;
  }

  /** Watches the window until the returned function is called. */
  watch(): () => void {
    this.#turned = document.hasFocus();
    const focus = () => {
      this.#turned = true;
      this.again();
    };
    // The window is made unseen and shown once it is measured: the moment counts from then.
    const seen = () => document.hidden || this.again();
    const blur = () => (this.#turned = false);
    const press = () => {
      // Some desktops deliver the click that brings a window forward before its focus.
      if (!this.#turned && !document.hasFocus()) focus();
      this.#pressed = this.armed;
    };
    // A key held down since before is not an answer.
    const held = (event: KeyboardEvent) => {
      if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
    };
    const down = "PointerEvent" in window ? "pointerdown" : "mousedown";
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("focus", focus);
    window.addEventListener("blur", blur);
    window.addEventListener(down, press, true);
    window.addEventListener("keydown", held, true);
    this.again();
    return () => {
      clearTimeout(this.#timer);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("focus", focus);
      window.removeEventListener("blur", blur);
      window.removeEventListener(down, press, true);
      window.removeEventListener("keydown", held, true);
    };
  }
}

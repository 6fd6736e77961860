// The window can be used once its page stands and a command of it is answered.
window.__TAURI_INTERNALS__.invoke("usable");

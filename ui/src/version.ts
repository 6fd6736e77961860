// The release, as package.json states it; Vite puts the text in when it builds.
declare const __VERSION__: string;
export const version: string = __VERSION__;

import { readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

const file = (name: string) => new URL(name, import.meta.url).pathname;
const release = (JSON.parse(readFileSync(file("package.json"), "utf8")) as { version: string }).version;

// Everything stays a file of its own: the windows' content policy allows neither inline code nor inline styles.
export default defineConfig(({ mode }) => ({
  plugins: [svelte(), svelteTesting()],
  base: "./",
  define: { __VERSION__: JSON.stringify(release) },
  build: {
    outDir: mode === "pictures" ? "../target/ui-pictures" : "dist",
    emptyOutDir: true,
    target: ["es2022", "safari16"],
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { main: file("index.html"), prompt: file("prompt.html") } },
  },
  server: { host: "localhost", port: 5173, strictPort: true },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    env: { TZ: "UTC" },
  },
}));

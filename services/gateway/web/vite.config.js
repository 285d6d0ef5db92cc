import { readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const project = readFileSync(new URL("../../../pyproject.toml", import.meta.url), "utf8");
const version = /^version = "(.+)"$/m.exec(project)?.[1];
if (!version) throw new Error("pyproject.toml has no line `version = \"...\"`");

export default defineConfig({
  plugins: [svelte()],
  define: { __VERSION__: JSON.stringify(version) },
  build: {
    // Browsers that know light-dark(), in which each colour of the theme is written once.
    target: ["chrome123", "firefox120", "safari17.5"],
    // The content security policy lets nothing in that stands inside the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What pages share comes at once, with the style of all before that of each: else it would come in sixty pieces.
      output: { codeSplitting: { groups: [{ name: "common", test: /\/src\/(styles|lib|ui)\// }] } },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});

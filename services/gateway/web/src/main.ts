import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { preferredLanguage, speak } from "./lib/i18n/index.svelte";
import { preferences } from "./lib/preferences.svelte";
import { wear } from "./lib/theme";

preferences.load("");
wear(preferences.theme);
await speak(preferences.language || preferredLanguage());
mount(App, { target: document.querySelector("#app")! });

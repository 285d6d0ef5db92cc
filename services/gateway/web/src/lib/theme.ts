// Light or dark: as the system has it, or as chosen.
import type { Theme } from "./preferences.svelte";

export function wear(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

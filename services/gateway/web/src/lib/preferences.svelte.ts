// What a person chose on this browser, kept under their account's name.
import type { Language } from "./i18n/index.svelte";

export type Theme = "system" | "light" | "dark";
export type View = "cards" | "table";

interface Choices {
  theme: Theme;
  view: View;
  advanced: boolean;
  foldQuiet: boolean;
  /** An IANA name; empty: the browser's zone. */
  zone: string;
  /** Empty: the browser's language. */
  language: Language | "";
  /** Whether the first steps were put away. */
  welcomed: boolean;
}

const DEFAULTS: Choices = { theme: "system", view: "cards", advanced: false, foldQuiet: true, zone: "", language: "", welcomed: false };

class Preferences implements Choices {
  theme = $state<Theme>(DEFAULTS.theme);
  view = $state<View>(DEFAULTS.view);
  advanced = $state(DEFAULTS.advanced);
  foldQuiet = $state(DEFAULTS.foldQuiet);
  zone = $state(DEFAULTS.zone);
  language = $state<Language | "">(DEFAULTS.language);
  welcomed = $state(DEFAULTS.welcomed);
  #account = "";

  /** Take what this account chose before. Before anybody is known, what the last one chose. */
  load(account: string): void {
    this.#account = account;
    Object.assign(this, DEFAULTS, read(key("")), account ? read(key(account)) : {});
  }

  change(choices: Partial<Choices>): void {
    Object.assign(this, choices);
    for (const account of new Set(["", this.#account])) {
      const kept = JSON.stringify({ ...read(key(account)), ...choices });
      try {
        localStorage.setItem(key(account), kept);
      } catch {
        // Storage may be full or forbidden; the choice then lasts as long as the page.
      }
    }
  }
}

/** What stands under "" is for the log-in page: how it looks and speaks, nothing that says more of a person. */
const OF_ANYBODY: readonly (keyof Choices)[] = ["theme", "language"];

const key = (account: string): string => `showrunner:${account}`;

function read(name: string): Partial<Choices> {
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? "{}") as Partial<Choices>;
    if (name !== key("")) return kept;
    return Object.fromEntries(Object.entries(kept).filter(([name]) => OF_ANYBODY.includes(name as keyof Choices)));
  } catch {
    return {};
  }
}

export const preferences = new Preferences();

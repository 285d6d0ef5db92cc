// Keys that do something wherever one is on the page, and the sheet that lists them.
import { untrack } from "svelte";
import type { MessageKey } from "./i18n/index.svelte";

export interface Shortcut {
  /** As it is pressed: "?", "r", or two in a row: "g j". */
  keys: string;
  does: MessageKey;
  act: () => void;
}

const SEQUENCE_MS = 1_200;

class Shortcuts {
  groups = $state.raw<readonly { title: MessageKey; shortcuts: readonly Shortcut[] }[]>([]);
  #first = "";
  #at = 0;

  constructor() {
    addEventListener("keydown", (event) => this.#press(event));
  }

  /** Adds a group until the returned function is called. */
  add(title: MessageKey, shortcuts: readonly Shortcut[]): () => void {
    const group = { title, shortcuts };
    this.groups = [...untrack(() => this.groups), group];
    return () => (this.groups = untrack(() => this.groups).filter((other) => other !== group));
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isWriting(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const sequence = this.#first && event.timeStamp - this.#at < SEQUENCE_MS ? `${this.#first} ${event.key}` : event.key;
    const all = this.groups.flatMap((group) => group.shortcuts);
    const found = all.find((shortcut) => shortcut.keys === sequence);
    this.#first = found ? "" : event.key;
    this.#at = event.timeStamp;
    if (!found) return;
    event.preventDefault();
    found.act();
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

export const shortcuts = new Shortcuts();

// Short messages that come and go.

export type Tone = "good" | "bad" | "plain";

export interface Toast {
  id: number;
  tone: Tone;
  text: string;
  link?: { text: string; href: string };
}

const SHOWN_MS: Record<Tone, number> = { good: 5_000, plain: 5_000, bad: 12_000 };
const MOST = 4;
const AFTERWARDS = "showrunner:toast";

class Toasts {
  shown = $state.raw<readonly Toast[]>([]);
  #next = 1;

  constructor() {
    try {
      const kept = sessionStorage.getItem(AFTERWARDS);
      sessionStorage.removeItem(AFTERWARDS);
      if (kept) this.say("good", kept);
    } catch {
      // Storage may be forbidden: nothing was kept then.
    }
  }

  /** Loads the page anew, and says it then. */
  sayAnew(text: string): void {
    try {
      sessionStorage.setItem(AFTERWARDS, text);
    } catch {
      // Storage may be full or forbidden: the page that is loaded anew has to speak for itself.
    }
    location.reload();
  }

  say(tone: Tone, text: string, link?: Toast["link"]): void {
    const toast: Toast = { id: this.#next++, tone, text, ...(link ? { link } : {}) };
    this.shown = [...this.shown, toast].slice(-MOST);
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS[tone]);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

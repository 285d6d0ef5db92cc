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

class Toasts {
  shown = $state.raw<readonly Toast[]>([]);
  #next = 1;

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

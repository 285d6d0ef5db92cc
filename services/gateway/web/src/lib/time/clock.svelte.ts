// The present moment, by the server's clock, moving once a second for everything on the page that tells the time.
import { onServerTime } from "../api";

/** Closer than this, in milliseconds, two clocks agree: the server's Date header has whole seconds. */
const TOLERANCE_MS = 2_000;

class Clock {
  now = $state(Date.now());
  #ahead = 0;

  constructor() {
    onServerTime((server) => this.#compare(server));
    this.#tick();
    document.addEventListener("visibilitychange", () => this.#set());
  }

  #compare(server: number): void {
    const ahead = server - Date.now();
    this.#ahead = Math.abs(ahead) > TOLERANCE_MS ? ahead : 0;
  }

  #set(): void {
    this.now = Date.now() + this.#ahead;
  }

  #tick(): void {
    this.#set();
    setTimeout(() => this.#tick(), 1_000 - (Date.now() % 1_000));
  }
}

export const clock = new Clock();

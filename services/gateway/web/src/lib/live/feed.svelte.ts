// Keeps the board in step with the server: by the event stream, and while that is down by asking every 5 seconds.
import { call, follow, Problem, type Job, type RunView, type SchedulerView } from "../api";
import { board } from "./board.svelte";

const POLL_MS = 5_000;
const REOPEN_MS = 1_500;

export type Connection = "connecting" | "live" | "polling" | "silent";

class Feed {
  connection = $state<Connection>("connecting");
  /** When the server was last heard, in milliseconds since the epoch. */
  heardAt = $state(0);
  #lastId = "";
  readonly #runListeners = new Set<(run: RunView) => void>();

  /** Calls back with each run that changes, until the returned function is called. */
  onRun(listener: (run: RunView) => void): () => void {
    this.#runListeners.add(listener);
    return () => this.#runListeners.delete(listener);
  }

  /** Follows until aborted, or until nobody is logged in any more. */
  async run(signal: AbortSignal): Promise<void> {
    this.connection = "connecting";
    while (!signal.aborted) {
      const polling = new AbortController();
      if (this.#down()) void this.#poll(AbortSignal.any([signal, polling.signal]));
      try {
        await follow({
          url: "/api/jobs/sse",
          lastId: this.#lastId,
          signal,
          opened: () => polling.abort(),
          heard: (event) => this.#take(event.name, event.data, event.id),
        });
      } catch (error) {
        if (signal.aborted || (error instanceof Problem && error.code === "unauthenticated")) return;
      } finally {
        polling.abort();
      }
      if (!this.#down()) {
        this.connection = "polling";
        await this.#ask(signal);
      }
      await pause(REOPEN_MS, signal);
    }
  }

  #down(): boolean {
    return this.connection === "polling" || this.connection === "silent";
  }

  #take(name: string, data: string, id: string): void {
    const value: unknown = JSON.parse(data);
    if (name === "snapshot") {
      const { jobs, scheduler } = value as { jobs: Job[]; scheduler: SchedulerView };
      board.snapshot(jobs, scheduler);
    } else if (name === "job") board.change((value as Job).name, value as Job);
    else if (name === "removed") board.change((value as { name: string }).name, null);
    else if (name === "scheduler") board.lead(value as SchedulerView);
    else if (name === "run") this.#runListeners.forEach((listener) => listener(value as RunView));
    if (id) this.#lastId = id;
    this.connection = "live";
    this.heardAt = Date.now();
  }

  #polledAt = 0;

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(Math.max(0, this.#polledAt + POLL_MS - Date.now()), signal);
      if (!signal.aborted) await this.#ask(signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    this.#polledAt = Date.now();
    try {
      const { jobs, scheduler } = await call("GET /api/jobs", { query: { advanced: true }, signal });
      board.snapshot(jobs, scheduler);
      this.connection = "polling";
      this.heardAt = Date.now();
    } catch {
      if (!signal.aborted) this.connection = "silent";
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export const feed = new Feed();

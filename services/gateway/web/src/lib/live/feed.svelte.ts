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
  #polling: AbortController | null = null;
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
      try {
        await follow({
          url: "/api/jobs/sse",
          lastId: this.#lastId,
          signal,
          opened: () => this.#opened(),
          heard: (event) => this.#take(event.name, event.data, event.id),
        });
      } catch (error) {
        if (signal.aborted || (error instanceof Problem && error.code === "unauthenticated")) break;
      }
      this.#startPolling(signal);
      await pause(REOPEN_MS, signal);
    }
    this.#stopPolling();
  }

  #opened(): void {
    this.#stopPolling();
    this.connection = "live";
    this.heardAt = Date.now();
  }

  #stopPolling(): void {
    this.#polling?.abort();
    this.#polling = null;
  }

  #startPolling(signal: AbortSignal): void {
    if (this.#polling) return;
    this.#polling = new AbortController();
    void this.#poll(AbortSignal.any([signal, this.#polling.signal]));
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#ask(signal);
      await pause(POLL_MS, signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    try {
      const { jobs, scheduler } = await call("GET /api/jobs", { query: { advanced: true }, signal });
      if (signal.aborted) return;
      board.snapshot(jobs, scheduler);
      this.connection = "polling";
      this.heardAt = Date.now();
    } catch {
      if (!signal.aborted) this.connection = "silent";
    }
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
    this.heardAt = Date.now();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    signal.addEventListener("abort", go);
  });
}

export const feed = new Feed();

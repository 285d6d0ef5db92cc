// The jobs as they stand. A change touches one job's cell and nothing else, and what comes within one frame is shown
// at once, so that a page of many jobs stays fluid however fast they change.
import type { Job, SchedulerView } from "../api";

/** A hidden page gets no frames, but its tab still tells of failures. */
const HIDDEN_MS = 250;

export class Cell {
  job = $state.raw() as Job;

  constructor(job: Job) {
    this.job = job;
  }
}

export class Board {
  /** In alphabetical order. */
  cells = $state.raw<readonly Cell[]>([]);
  scheduler = $state.raw<SchedulerView | null>(null);
  /** Whether changes are shown as they come. */
  flowing = $state(true);
  /** How many jobs have changes that are not shown yet because the flow is paused. */
  waiting = $state(0);
  loaded = $state(false);

  readonly #byName = new Map<string, Cell>();
  /** The newest state of each job that is not shown yet; null: gone. */
  readonly #pending = new Map<string, Job | null>();
  #scheduler: SchedulerView | null = null;
  #due = false;

  /** Looks at the list too, so that whoever asks before a job is known hears when it is. */
  find(name: string): Cell | undefined {
    return this.cells.length ? this.#byName.get(name) : undefined;
  }

  /** All there is: what is not named is gone. */
  snapshot(jobs: readonly Job[], scheduler: SchedulerView): void {
    const named = new Set(jobs.map((job) => job.name));
    for (const name of [...this.#byName.keys(), ...this.#pending.keys()]) if (!named.has(name)) this.change(name, null);
    for (const job of jobs) this.change(job.name, job);
    this.lead(scheduler);
    if (!this.loaded) {
      this.#show();
      this.loaded = true;
    }
  }

  change(name: string, job: Job | null): void {
    if (!this.flowing && same(this.#byName.get(name)?.job ?? null, job)) this.#pending.delete(name);
    else this.#pending.set(name, job);
    this.#schedule();
  }

  lead(scheduler: SchedulerView): void {
    this.#scheduler = scheduler;
    this.#schedule();
  }

  /** Show this job now, even while the flow is paused: the person just changed it. */
  put(job: Job): void {
    this.#pending.delete(job.name);
    this.#apply(job.name, job);
    this.waiting = this.flowing ? 0 : this.#pending.size;
  }

  pause(): void {
    this.#show();
    this.flowing = false;
  }

  resume(): void {
    this.flowing = true;
    this.#show();
  }

  #schedule(): void {
    if (this.#due) return;
    this.#due = true;
    const show = (): void => {
      this.#due = false;
      this.#show();
    };
    if (document.hidden) setTimeout(show, HIDDEN_MS);
    else requestAnimationFrame(show);
  }

  #show(): void {
    // Who leads is shown even while the flow is paused: it is no news of a job.
    this.scheduler = this.#scheduler;
    if (this.flowing) {
      for (const [name, job] of this.#pending) this.#apply(name, job);
      this.#pending.clear();
    }
    this.waiting = this.#pending.size;
  }

  #apply(name: string, job: Job | null): void {
    const cell = this.#byName.get(name);
    if (cell && job) {
      cell.job = job;
      return;
    }
    if (job) this.#byName.set(name, new Cell(job));
    else if (!this.#byName.delete(name)) return;
    this.#relist();
  }

  #listing = false;

  #relist(): void {
    if (this.#listing) return;
    this.#listing = true;
    queueMicrotask(() => {
      this.#listing = false;
      this.cells = [...this.#byName.values()].sort((a, b) => (a.job.name < b.job.name ? -1 : 1));
    });
  }
}

const same = (a: Job | null, b: Job | null): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

export const board = new Board();

// A worker for Showrunner over NATS alone; docs/own-workers.md says why each step is as it is.
import os from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { AckPolicy, connect, DeliverPolicy, JSONCodec, nanos } from "nats";
import { Busy, hold } from "./resources.mjs";

const json = JSONCodec();
const now = () => new Date().toISOString();

const REASONS = {
  timed_out: "The run was stopped after its time-out.",
  interrupted: "The worker was shut down; the run goes on elsewhere.",
  resource_lost: "What the run held alone is no longer its own.",
  worker_lost: "No attempt came to an end: the worker died or was cut off each time.",
};
const CANCELS_REMEMBERED = 1000;

/** An expected failure: a stable code, a sentence for a person, and whether another try may help. */
export class JobFailed extends Error {
  constructor(code, message, { retry = true } = {}) {
    super(message);
    Object.assign(this, { code, retry });
  }
}

/** What ends an attempt from outside: a person, the time-out, or the end of the worker. */
class Stopped extends Error {
  constructor(why, by) {
    super(REASONS[why] ?? why);
    Object.assign(this, { code: why, by });
  }
}

/** Connect to NATS; a token, or a name and password, may stand in the address. */
export function connectTo(address) {
  const { host, username, password } = new URL(address);
  const known = password ? { user: username, pass: password } : { token: username || undefined };
  return connect({ servers: host, maxReconnectAttempts: -1, reconnectTimeWait: 250, ...known });
}

/** Run jobs, `{ spec, handler }` each and all of one category, until SIGTERM. Rejects when a spec is refused. */
export async function runWorker(jobs, { address, ackWaitS = 10, concurrency = 4 } = {}) {
  const client = await connectTo(address ?? process.env.SHOWRUNNER_NATS_URL);
  const worker = new Worker(client, jobs, ackWaitS);
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => worker.stop());
  try {
    for (const { spec } of jobs) await worker.announce(spec);
    worker.hearCancels();
    await worker.takeTicks(concurrency);
  } finally {
    await client.drain();
  }
}

class Worker {
  #live = new Map(); // run -> { message, stop }
  #cancelled = new Map(); // run -> by whom: their ticks may still be on their way
  #stopping = false;

  constructor(client, jobs, ackWaitS) {
    this.client = client;
    this.jobs = new Map(jobs.map((job) => [job.spec.name, job]));
    this.category = jobs[0].spec.category;
    this.name = `${os.hostname().replaceAll(".", "-")}-${process.pid}`;
    this.ackWaitS = ackWaitS;
    this.outbox = new Outbox(client.jetstream(), this.category, this.name);
  }

  stop() {
    this.#stopping = true;
    this.#live.forEach(({ stop }) => stop(new Stopped("interrupted")));
  }

  async announce(spec) {
    const request = json.encode({ type: "announce.v1", spec, by: this.name });
    while (!this.#stopping) {
      const answer = await this.client.request("catalogue.announce", request, { timeout: 2000 }).catch(() => null);
      const said = answer && json.decode(answer.data);
      if (said?.type === "announced.v1") return;
      if (said) throw new Error(`${spec.name} is refused: ${said.why}`);
      await pause(500); // no scheduler leads just now
    }
  }

  hearCancels() {
    const callback = (error, message) => {
      if (error) return;
      const { run, by } = json.decode(message.data);
      const live = this.#live.get(run);
      if (live) {
        live.stop(new Stopped("cancelled", by));
        message.respond("+");
      } else {
        this.#cancelled.set(run, by);
        if (this.#cancelled.size > CANCELS_REMEMBERED) this.#cancelled.delete(this.#cancelled.keys().next().value);
      }
    };
    this.client.subscribe(`cancels.${this.category}`, { callback });
  }

  async takeTicks(concurrency) {
    const consumer = await this.#consumer();
    const extend = () => this.#live.forEach(({ message }) => message.working());
    const extending = setInterval(extend, (this.ackWaitS * 1000) / 3);
    while (!this.#stopping) {
      const message = this.#live.size < concurrency ? await consumer.next({ expires: 1000 }).catch(() => null) : null;
      if (message) this.#begin(message);
      else await pause(50);
    }
    while (this.#live.size) await pause(50);
    clearInterval(extending);
  }

  async #consumer() {
    const name = `workers-${this.category}`;
    const wanted = {
      durable_name: name,
      filter_subjects: [`ticks.${this.category}.*.slot`, `ticks.${this.category}.*.manual`],
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(this.ackWaitS * 1000),
      max_ack_pending: 50_000,
      max_deliver: -1,
      max_waiting: 512,
    };
    const manager = await this.client.jetstreamManager();
    // One that is there with another ack_wait serves as well.
    await manager.consumers.add("TICKS", wanted).catch(() => manager.consumers.info("TICKS", name));
    return this.client.jetstream().consumers.get("TICKS", name);
  }

  #begin(message) {
    const tick = readable(message);
    if (!tick) return message.ack(); // it will not become readable
    const job = this.jobs.get(tick.job);
    const live = this.#live.get(tick.run);
    if (live) live.message = message; // delivered again, after a lost connection
    else if (job) this.#attempt(job, tick, message);
    else message.nak(5000); // a worker of another version may know it
  }

  async #attempt({ spec, handler }, tick, message) {
    const about = { run: tick.run, job: tick.job, attempt: message.info.deliveryCount };
    const live = { message };
    const stopped = new Promise((_, reject) => (live.stop = reject));
    this.#live.set(tick.run, live);
    const began = now();
    let end, timeOut;
    let letGo = async () => {};
    try {
      if (this.#cancelled.has(tick.run)) throw new Stopped("cancelled", this.#cancelled.get(tick.run));
      if (about.attempt > (spec.attempts ?? 3)) throw new Stopped("worker_lost");
      this.outbox.put({ type: "started.v1", ...about, at: began });
      const run = this.#run(tick, about, stopped);
      if (spec.resources?.length) letGo = await Promise.race([stopped, this.#alone(spec, about, live, run)]);
      timeOut = setTimeout(() => live.stop(new Stopped("timed_out")), (spec.timeout_s ?? 3600) * 1000);
      end = { outcome: "succeeded", summary: await Promise.race([stopped, handler(run)]) };
    } catch (error) {
      end = failed(error, spec, about.attempt);
    }
    clearTimeout(timeOut);
    await letGo();
    // The tick is acknowledged, or handed back, once the report of that is on disk: never before.
    if (end.outcome) {
      await this.outbox.put({ type: "finished.v1", ...about, started_at: began, at: now(), ...end });
      live.message.ack();
    } else {
      const next_at = new Date(Date.now() + end.delayMs).toISOString();
      await this.outbox.put({ type: "retrying.v1", ...about, at: now(), next_at, error: end.error });
      live.message.nak(end.delayMs);
    }
    this.#live.delete(tick.run);
  }

  /** Hold what the spec names, and nobody else: gives what lets go of it. Waiting for it is not timed out. */
  #alone({ resources, patience_s: patienceS }, { run, job }, live, { progress, signal }) {
    const say = (note) => progress(undefined, note);
    const lost = () => live.stop(new Stopped("resource_lost"));
    return hold(this.client, resources, { run, job, worker: this.name }, { patienceS, say, lost, signal });
  }

  /** What a handler knows of its run, and may say about it. */
  #run(tick, about, stopped) {
    const halt = new AbortController();
    stopped.catch((reason) => halt.abort(reason));
    const say = (type, words) => void this.outbox.put({ type, ...about, at: now(), ...words });
    let number = 0;
    return {
      ...about,
      params: tick.params ?? {},
      signal: halt.signal,
      progress: (share, note = "") => say("progressed.v1", { share, note }),
      log: (text, level = "info") => say("logged.v1", { number: ++number, level, text }),
    };
  }
}

function readable(message) {
  try {
    return message.json();
  } catch {
    return null;
  }
}

function failed(error, { attempts = 3, backoff_s = 10 }, attempt) {
  if (error instanceof Busy) return { outcome: "skipped", summary: error.message };
  if (error.code === "cancelled") return { outcome: "cancelled", summary: `cancelled by ${error.by}` };
  const known = error instanceof JobFailed || error instanceof Stopped;
  const failure = { code: known ? error.code : "crashed", message: error.message, trace: known ? "" : error.stack };
  if (error.retry === false || attempt >= attempts) return { outcome: "failed", error: failure };
  const backoffMs = Math.min(3600, backoff_s * 2 ** (attempt - 1)) * 1000;
  return { delayMs: error.code === "interrupted" ? 0 : backoffMs, error: failure };
}

/** Reports on their way: one bundle is in flight, and what happens meanwhile goes with the next. */
class Outbox {
  #waiting = [];
  #sending = false;

  constructor(stream, category, worker) {
    this.stream = stream;
    this.about = { type: "reports.v1", worker, category };
    this.subject = `reports.${category}.${worker}`;
  }

  /** Resolves when the report is on disk. */
  put(report) {
    return new Promise((written) => {
      this.#waiting.push({ report, written });
      if (!this.#sending) this.#send();
    });
  }

  async #send() {
    this.#sending = true;
    while (this.#waiting.length) {
      const bundle = this.#waiting.splice(0, 500);
      const payload = json.encode({ ...this.about, reports: bundle.map(({ report }) => report) });
      // Sent again it may stand there twice: the reader takes no notice of the second.
      while (!(await this.stream.publish(this.subject, payload).catch(() => null))) await pause(200);
      bundle.forEach(({ written }) => written());
    }
    this.#sending = false;
  }
}

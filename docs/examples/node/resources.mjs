// What one run at a time holds alone: keys of the bucket `resources`; docs/resources.md says why each step is as it is.
import { setTimeout as pause } from "node:timers/promises";
import { headers, JSONCodec } from "nats";

const json = JSONCodec();
const STREAM = "KV_resources";
const NOT_FOUND = 10037;
const LOOK_MS = 500;
const RENEW_MS = 5_000; // a third of the bucket's age limit: what nobody renews is gone after it
const subjectOf = (key) => `$KV.resources.${key}`;

/** The job's patience ended before it had what it needs; the message says what kept it. */
export class Busy extends Error {}

/**
 * Hold all of these names, or none; gives what lets go of them. `say` is told what it waits for, `lost` is called when
 * one of them can't be renewed, and an aborted `signal` ends the wait.
 */
export async function hold(client, names, about, { patienceS = 1800, say, lost, signal }) {
  const streams = (await client.jetstreamManager({ checkAPI: false })).streams;
  const jetstream = client.jetstream();
  const since = new Date().toISOString();
  const revisions = new Map();

  async function read(key) {
    try {
      return await streams.getMessage(STREAM, { last_by_subj: subjectOf(key) });
    } catch (error) {
      if (error.api_error?.err_code === NOT_FOUND) return { seq: 0, data: [] };
      throw error;
    }
  }

  async function write(name, content) {
    const compared = headers();
    compared.set("Nats-Expected-Last-Subject-Sequence", String(revisions.get(name)));
    const { seq } = await jetstream.publish(subjectOf(name), content, { headers: compared });
    revisions.set(name, seq);
  }

  const renew = (name) => write(name, json.encode({ type: "holding.v1", ...about, what: name, since }));

  async function release() {
    // What can't be given back is free when its time is up.
    await Promise.all([...revisions.keys()].map((name) => write(name).catch(() => {})));
    revisions.clear();
  }

  /** Take them all: "" when they are ours, else why not. */
  async function take() {
    for (const name of [...names].sort()) {
      const outside = await read(`outside.${name}`);
      const busy = outside.data.length ? json.decode(outside.data).what : "";
      if (busy) return busy;
      const { data, seq } = await read(name);
      const other = data.length ? json.decode(data) : null;
      if (other && (other.run !== about.run || other.worker !== about.worker)) return `${name} is held by ${other.job}`;
      revisions.set(name, seq);
      await renew(name);
    }
    return "";
  }

  const until = Date.now() + patienceS * 1000;
  for (let why; (why = await take().catch((error) => error.message)); ) {
    await release();
    if (Date.now() >= until) throw new Busy(why);
    say(`waiting: ${why}`);
    await pause(LOOK_MS, undefined, { signal });
  }
  if (signal.aborted) await release();
  signal.throwIfAborted();
  const renewing = setInterval(() => Promise.all([...revisions.keys()].map(renew)).catch(lost), RENEW_MS);
  return async () => {
    clearInterval(renewing);
    await release();
  };
}

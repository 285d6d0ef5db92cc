// Server-Sent Events over fetch (WHATWG HTML, 9.2): unlike EventSource it tells why a stream can't be opened, can be
// asked to resume from any place, and notices a line that has gone dead.
import { send, Unreachable } from "./http";

export interface ServerEvent {
  name: string;
  data: string;
  id: string;
}

/** The server says something every 15 seconds; after this long, in milliseconds, the line is dead. */
const SILENCE_MS = 40_000;

interface Following {
  url: string;
  /** Where to resume: the id of the last event that was taken. */
  lastId: string;
  signal: AbortSignal;
  opened: () => void;
  heard: (event: ServerEvent) => void;
}

/** Follows a stream until the server ends it. Throws Problem or Unreachable when it breaks or can't be opened. */
export async function follow({ url, lastId, signal, opened, heard }: Following): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const response = await send(url, {
    signal: both,
    headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) },
  });
  if (!response.body) throw new Unreachable("The stream has no body.");
  opened();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const take = parser(heard);
  try {
    for (;;) {
      const timer = setTimeout(() => stop.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      take(value);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Unreachable(String(error));
  }
}

/** Takes pieces of a stream as they come, and gives whole events. */
export function parser(heard: (event: ServerEvent) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event.data) heard(event);
    }
  };
}

function parseBlock(block: string): ServerEvent {
  const event: ServerEvent = { name: "message", data: "", id: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    if (field === "event") event.name = value;
    else if (field === "data") event.data += event.data ? `\n${value}` : value;
    else if (field === "id") event.id = value;
  }
  return event;
}

// One way to call the API: its table of calls gives the types, and whatever goes wrong is one of two errors.
import type { Calls, ProblemBody } from "./schema";

export type ProblemCode = ProblemBody["code"];

/** The server answered that it would not (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly status: number,
    detail: string,
    readonly retryAfter: number,
  ) {
    super(detail);
  }
}

/** Nothing answered, or something that is not Showrunner did. */
export class Unreachable extends Error {}

type Given<K extends keyof Calls> = {
  path?: Calls[K]["path"];
  query?: Calls[K]["query"];
  body?: Calls[K]["body"];
  signal?: AbortSignal;
};

const strangerListeners: (() => void)[] = [];
const dateListeners: ((server: number) => void)[] = [];

/** Calls back when the server no longer knows who we are. */
export const onStranger = (listener: () => void): void => void strangerListeners.push(listener);

/** Calls back with the server's time (milliseconds since the epoch, whole seconds) at each answer. */
export const onServerTime = (listener: (server: number) => void): void => void dateListeners.push(listener);

export async function call<K extends keyof Calls>(what: K, given: Given<K> = {}): Promise<Calls[K]["gives"]> {
  const [method = "", template = ""] = what.split(" ");
  const response = await send(address(template, given.path, given.query), {
    method,
    signal: given.signal ?? null,
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body), headers: { "Content-Type": "application/json" } }),
  });
  return response.status === 204 ? undefined : ((await json(response)) as Calls[K]["gives"]);
}

/** A response that is fine. Throws Problem, Unreachable, or DOMException when aborted. */
export async function send(url: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...options, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (date) dateListeners.forEach((listener) => listener(date));
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem instanceof Problem && problem.code === "unauthenticated") strangerListeners.forEach((listener) => listener());
  throw problem;
}

function address(template: string, path: object | undefined, query: object | undefined): string {
  const values = new Map(Object.entries(path ?? {}));
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${filled}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : filled;
}

async function problemOf(response: Response): Promise<Problem | Unreachable> {
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return new Unreachable(`HTTP ${response.status}`);
  }
  const body = (await json(response)) as ProblemBody;
  return new Problem(body.code, body.status, body.detail, Number(response.headers.get("Retry-After") ?? 0));
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new Unreachable("The answer was cut off.");
  }
}

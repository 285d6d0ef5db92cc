// Which jobs are shown. Pure.
import type { Job, Status } from "../api";

export interface JobFilter {
  category: string;
  status: Status | "";
  text: string;
  advanced: boolean;
}

export function isWanted(job: Job, filter: JobFilter, words: string): boolean {
  if (job.advanced && !filter.advanced) return false;
  if (filter.category && job.category !== filter.category) return false;
  if (filter.status && job.status !== filter.status) return false;
  const text = filter.text.trim().toLocaleLowerCase();
  return !text || `${job.name}\n${words}`.toLocaleLowerCase().includes(text);
}

/** By category, then by name; the categories that most people know come first. */
const KNOWN = ["sync", "access", "mail", "maintenance"];

export function byCategory(a: Job, b: Job): number {
  const [x, y] = [KNOWN.indexOf(a.category), KNOWN.indexOf(b.category)];
  if (x !== y) return (x < 0 ? KNOWN.length : x) - (y < 0 ? KNOWN.length : y);
  if (a.category !== b.category) return a.category < b.category ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

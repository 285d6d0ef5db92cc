// What of a run's plan was not done, because it waits for approval. Pure.
import type { ChangeRow } from "../api";
import { difference } from "../difference";

export interface Loss {
  number: number;
  target: string;
  why: string;
  /** What they have now, and would not have any more. */
  lost: string;
}

export const losses = (changes: readonly ChangeRow[]): Loss[] =>
  changes.filter((change) => change.state === "planned").map(({ number, target, why, before, after }) => ({
    number,
    target,
    why,
    lost: difference(before, after).map((line) => line.before).filter(Boolean).join(", "),
  }));

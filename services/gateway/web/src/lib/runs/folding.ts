// Runs that had nothing to do, folded into the run before them. Pure.
import type { RunView } from "../api";

export interface Row {
  run: RunView;
  /** Older runs of nothing to do, folded under this one, itself one of them. */
  quiet: readonly RunView[];
}

/** What workers write when a run found nothing to do. */
const NOTHING = "nothing to do";

export const didNothing = (run: RunView): boolean => run.outcome === "succeeded" && run.summary.toLowerCase().startsWith(NOTHING);

export const isQuiet = (run: RunView): boolean => run.trigger === "slot" && didNothing(run);

export function folded(runs: readonly RunView[]): Row[] {
  const rows: { run: RunView; quiet: RunView[] }[] = [];
  for (const run of runs) {
    const last = rows.at(-1);
    if (last && isQuiet(run) && isQuiet(last.run)) last.quiet.push(run);
    else rows.push({ run, quiet: [] });
  }
  return rows;
}

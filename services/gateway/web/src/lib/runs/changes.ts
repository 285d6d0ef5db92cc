// A run's plan, however long it is.
import { call, type ChangeRow } from "../api";

const PAGE = 500;

/** All changes of a run, a page at a time. Throws Problem or Unreachable. */
export async function* changesOf(id: string): AsyncGenerator<readonly ChangeRow[]> {
  let after: string | null = null;
  do {
    const page: { changes: readonly ChangeRow[]; next: string | null } = await call("GET /api/runs/{id}/changes", { path: { id }, query: { limit: PAGE, after } });
    yield page.changes;
    after = page.next;
  } while (after);
}

/** Whether a run has changed anything. Throws Problem or Unreachable. */
export async function hasDone(id: string): Promise<boolean> {
  for await (const changes of changesOf(id)) if (changes.some((change) => change.state === "done")) return true;
  return false;
}

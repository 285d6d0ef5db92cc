// What can be told of a job, in the order in which it is offered, and what starts the sending.
import { call, Problem, type Channel } from "../api";

export type News = Channel["kinds"][number];

export const NEWS: readonly News[] = ["failed", "stuck", "held", "recovered"];

const SENDING = "send_alerts";

/** Has what waits sent now. Throws Problem or Unreachable. */
export async function sendAlertsNow(): Promise<void> {
  try {
    await call("POST /api/jobs/{name}/run", { path: { name: SENDING } });
  } catch (error) {
    // Then it goes out with the run that is there, or with the next.
    if (!(error instanceof Problem && error.code === "job_running")) throw error;
  }
}

// Messages that somebody waits for go out with the next run, so one is started.
import { call, Problem } from "../api";

const CAMPAIGNS = "send_campaign_emails";
const NOTICES = "send_expiration_emails";

/** Has what is due sent now. Throws Problem or Unreachable. */
export async function sendNow(kind: "notice" | "campaign" | "test"): Promise<void> {
  try {
    await call("POST /api/jobs/{name}/run", { path: { name: kind === "notice" ? NOTICES : CAMPAIGNS } });
  } catch (error) {
    // Then it goes out with the run that is there, or with the next.
    if (!(error instanceof Problem && error.code === "job_running")) throw error;
  }
}

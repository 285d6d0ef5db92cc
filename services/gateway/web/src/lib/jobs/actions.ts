// What a person can do to a job. Each tells what became of it.
import { call, type BulkBody, type Job } from "../api";
import { plural, t } from "../i18n/index.svelte";
import { board } from "../live/board.svelte";
import { pageAddress } from "../router.svelte";
import { toasts } from "../toasts.svelte";
import { attempt } from "../trouble";
import { jobTitle } from "./words";

export function runNow(job: Job, params: Record<string, unknown> = {}, dryRun = false): Promise<boolean> {
  return attempt(async () => {
    const { run_id } = await call("POST /api/jobs/{name}/run", { path: { name: job.name }, body: { params, dry_run: dryRun } });
    const text = t(dryRun ? "toast.dry_run_started" : "toast.run_started", { job: jobTitle(job) });
    toasts.say("good", text, { text: t("toast.watch"), href: pageAddress("runs", run_id) });
  });
}

export function cancelRun(job: Job): Promise<boolean> {
  return attempt(async () => {
    if (!job.running) return;
    await call("POST /api/runs/{id}/cancel", { path: { id: job.running.run_id } });
    toasts.say("plain", t("toast.cancelling", { job: jobTitle(job) }));
  });
}

export function pauseJob(job: Job, until: Date | null, reason: string): Promise<boolean> {
  return change(job, "toast.paused", (path) =>
    call("POST /api/jobs/{name}/pause", { path, body: { until: until?.toISOString() ?? null, reason } }),
  );
}

export const resumeJob = (job: Job): Promise<boolean> =>
  change(job, "toast.resumed", (path) => call("POST /api/jobs/{name}/resume", { path }));

export const enableJob = (job: Job): Promise<boolean> =>
  change(job, "toast.enabled", (path) => call("POST /api/jobs/{name}/enable", { path }));

export const disableJob = (job: Job, reason: string): Promise<boolean> =>
  change(job, "toast.disabled", (path) => call("POST /api/jobs/{name}/disable", { path, body: { reason } }));

export const skipNext = (job: Job): Promise<boolean> =>
  change(job, "toast.skipped", (path) => call("POST /api/jobs/{name}/skip", { path }));

export const resetSchedule = (job: Job): Promise<boolean> =>
  change(job, "toast.reset", (path) => call("DELETE /api/jobs/{name}/schedule", { path }));

/** Throws Problem or Unreachable: its error belongs beside the field. */
export async function setInterval(job: Job, interval: string): Promise<void> {
  board.put(await call("PUT /api/jobs/{name}/schedule", { path: { name: job.name }, body: { interval } }));
  toasts.say("good", t("toast.interval", { job: jobTitle(job) }));
}

export function bulk(action: BulkBody["action"], jobs: readonly Job[]): Promise<boolean> {
  return attempt(async () => {
    const { results } = await call("POST /api/jobs/bulk", { body: { action, names: jobs.map((job) => job.name) } });
    const refused = results.filter((result) => !result.done);
    const done = results.length - refused.length;
    if (done) toasts.say("good", plural("bulk.done", done));
    const first = refused[0];
    if (first) toasts.say("bad", plural("bulk.refused", refused.length, { job: first.name, why: first.detail }));
  });
}

type Told = "toast.paused" | "toast.resumed" | "toast.enabled" | "toast.disabled" | "toast.skipped" | "toast.reset";

function change(job: Job, told: Told, ask: (path: { name: string }) => Promise<Job>): Promise<boolean> {
  return attempt(async () => {
    board.put(await ask({ name: job.name }));
    toasts.say("good", t(told, { job: jobTitle(job) }));
  });
}

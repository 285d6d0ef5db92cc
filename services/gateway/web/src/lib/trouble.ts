// What went wrong, in words for the person who tried.
import { Problem, Unreachable } from "./api";
import { language, plural, t, tMaybe } from "./i18n/index.svelte";
import { toasts } from "./toasts.svelte";

/** The server's own words know more; they are English, so other languages get what the code means. */
export function explain(error: unknown): string {
  if (error instanceof Problem) {
    if (error.code === "too_many_tries") return plural("problem.wait", error.retryAfter);
    return language() === "en" ? error.message : tMaybe(`problem.${error.code}`, error.message);
  }
  if (error instanceof Unreachable) return t("problem.unreachable");
  throw error;
}

/** Does it; what goes wrong is told in a toast. Whether it went well. */
export async function attempt(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    toasts.say("bad", explain(error));
    return false;
  }
}

// What a message is about, in the person's language.
import type { Delivery, MailEvent } from "../api";
import { LANGUAGES, plural, t, tMaybe, type Language } from "../i18n/index.svelte";

/** "3 days before the last day"; "On the last day"; "Welcome". */
export function momentWords(event: MailEvent, days: number): string {
  if (event === "before_expiry") return days ? plural("moment.before_expiry", days) : t("moment.last_day");
  if (event === "after_expiry") return plural("moment.after_expiry", days);
  if (event === "pending_invitation") return plural("moment.pending_invitation", days);
  return t(`mail_event.${event}`);
}

/** The subject, or, as long as it is not written, what it will be about. */
export function aboutWords({ subject, kind, event, days }: Delivery): string {
  if (subject) return subject;
  return event ? momentWords(event, days) : t(`delivery_kind.${kind}`);
}

export const languageName = (tag: string): string => LANGUAGES[tag as Language] ?? tag;

/** What stands for a variable: the server's words are English. */
export const variableWords = (name: string, meaning: string): string => tMaybe(`variable.${name}`, meaning);

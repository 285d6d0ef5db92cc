// Jobs' own words in the person's language, where we have them; else as their worker announced them (English).
import type { Job } from "../api";
import { language, plural, t, tMaybe } from "../i18n/index.svelte";
import { pageAddress } from "../router.svelte";
import { weekdayName } from "../time/formats.svelte";
import { parseInterval } from "./intervals";

export const categoryName = (category: string): string => tMaybe(`category.${category}`, category);
export const jobTitle = (job: Job): string => tMaybe(`job.${job.name}.title`, job.title);
export const jobDescription = (job: Job): string => tMaybe(`job.${job.name}.description`, job.description);

/** "Every 5 minutes"; "Every day at 03:30". */
export function scheduleWords(schedule: Job["schedule"]): string {
  if (language() === "en") return schedule.words;
  const interval = schedule.kind === "interval" ? parseInterval(schedule.value) : null;
  if (interval) return plural(`every.${interval.unit}`, interval.count);
  const [, minute, hour, weekday] = /^(\d+) (\d+) \* \* (\*|[0-6])$/.exec(schedule.value) ?? [];
  if (!minute || !hour || !weekday) return schedule.words;
  const time = clockTime(hour, minute);
  return weekday === "*" ? t("every.day_at", { time }) : t("every.weekday_at", { day: weekdayName(Number(weekday)), time });
}

const clockTime = (hour: string, minute: string): string => `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;

export interface Way {
  text: string;
  href: string;
}

/** What would meet a need, and where: for the needs that this page can meet. */
export function wayToMeet(what: string): Way | null {
  if (what === "mail is set up") return { text: t("needs.set_up_mail"), href: pageAddress("mail", "setup") };
  if (what === "a channel for alerts is set up") return { text: t("needs.add_channel"), href: pageAddress("alerts") };
  const kind = /^a (?:(plex|jellyfin|shoko) )?server$/i.exec(what);
  if (!kind) return null;
  return { text: t("needs.add_server"), href: `/admin/servers?add=${(kind[1] ?? "any").toLowerCase()}` };
}

export const needWords = (what: string): string => tMaybe(`need.${what}`, what);

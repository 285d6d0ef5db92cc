// Times and durations for people, in their language and zone.
import { language, region, t } from "../i18n/index.svelte";
import { preferences } from "../preferences.svelte";

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];
/** An hour and a half is "90 min", two days and a bit "50 h": a unit takes over at twice its length. */
const FROM = 2;

const LENGTHS = ["millisecond", "second", "minute", "hour"] as const;
type Unit = (typeof LENGTHS)[number];

class Formats {
  readonly zone = $derived(preferences.zone || Intl.DateTimeFormat().resolvedOptions().timeZone);
  readonly relative = $derived(new Intl.RelativeTimeFormat(language(), { style: "short" }));
  readonly absolute = $derived(this.#dates({ dateStyle: "medium", timeStyle: "medium" }));
  readonly minutes = $derived(this.#dates({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));
  readonly date = $derived(this.#dates({ dateStyle: "medium" }));
  /** Of a day of the calendar, which is the same in every zone. */
  readonly day = $derived(new Intl.DateTimeFormat(region(), { dateStyle: "medium", timeZone: "UTC" }));
  readonly weekday = $derived(new Intl.DateTimeFormat(language(), { weekday: "long", timeZone: "UTC" }));
  readonly days = $derived(new Intl.RelativeTimeFormat(language(), { numeric: "auto" }));
  readonly clockTime = $derived(this.#dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" }));

  /** Made once: to make a format takes a hundred times as long as to use it. */
  readonly units = $derived(
    Object.fromEntries(LENGTHS.map((unit) => [unit, new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short" })])) as Record<Unit, Intl.NumberFormat>,
  );

  #dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(region(), { ...options, timeZone: this.zone });
  }
}

const formats = new Formats();

export const zone = (): string => formats.zone;

/** "3 min ago", "in 2 hr.", "now". */
export function relative(moment: number, now: number): string {
  const distance = moment - now;
  const size = Math.abs(distance);
  if (size < 1_000) return t("time.now");
  const [unit, length] = UNITS.find(([unit, length]) => size >= length * (unit === "second" || unit === "minute" ? 1 : FROM)) ?? UNITS[3]!;
  return formats.relative.format(Math.trunc(distance / length), unit);
}

/** Date and time with seconds. */
export const absolute = (iso: string): string => `${formats.absolute.format(new Date(iso))} (${formats.zone})`;

/** Weekday, date, hour and minute. */
export const toTheMinute = (iso: string): string => formats.minutes.format(new Date(iso));

/** "Sunday", of 0. */
export const weekdayName = (weekday: number): string => formats.weekday.format(Date.UTC(2023, 0, 1 + weekday));

/** Hours, minutes and seconds. */
export const timeOfDay = (iso: string): string => formats.clockTime.format(new Date(iso));

/** "1 Mar 2026", of a moment. */
export const dateOf = (iso: string): string => formats.date.format(new Date(iso));

/** "1 Mar 2026", of "2026-03-01". */
export const calendarDay = (day: string): string => formats.day.format(new Date(day));

/** "in 12 days", "tomorrow", "3 days ago". */
export const inDays = (count: number): string => formats.days.format(count, "day");

/** "850 ms", "3.2 s", "4 min 10 s". */
export function duration(ms: number): string {
  if (ms < 1_000) return unit(Math.round(ms), "millisecond");
  if (ms < 60_000) return unit(Math.round(ms / 100) / 10, "second");
  if (ms < 3_600_000) return `${unit(Math.floor(ms / 60_000), "minute")} ${unit(Math.floor((ms % 60_000) / 1_000), "second")}`;
  return `${unit(Math.floor(ms / 3_600_000), "hour")} ${unit(Math.floor((ms % 3_600_000) / 60_000), "minute")}`;
}

function unit(value: number, name: Unit): string {
  return formats.units[name].format(value);
}

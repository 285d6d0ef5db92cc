// The fields of a run's changes, in words.
import { t, tMaybe } from "../i18n/index.svelte";
import { absolute, duration } from "../time/formats.svelte";

const MOMENT = /^\d{4}-\d{2}-\d{2}T/;
/** Jellyfin counts in steps of 100 ns. */
const TICKS_A_MS = 10_000;

/** "Jellyfin · times played", of `jellyfin.count`. */
export const fieldName = (name: string): string => name.split(".").map((part) => tMaybe(`field.${part}`, part)).join(" · ");

export function fieldValue(value: string, name: string): string {
  if (MOMENT.test(value)) return absolute(value);
  if (value === "true" || value === "false") return t(value === "true" ? "common.yes" : "common.no");
  if (name.endsWith("_ticks") && Number(value) > 0) return duration(Number(value) / TICKS_A_MS);
  return value;
}

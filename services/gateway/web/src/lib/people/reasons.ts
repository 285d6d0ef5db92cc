// Why somebody should have a library or should not, in a sentence.
import type { ReasonView, Rule } from "../api";
import { t } from "../i18n/index.svelte";
import { calendarDay, dateOf } from "../time/formats.svelte";

export const reasonWords = ({ code, plan, on, rule }: ReasonView): string =>
  rule ? ruleWords(rule) : t(`reason.${code}`, { plan, day: on ? calendarDay(on) : "" });

/** "Denied as an exception, by admin on 3 Mar 2026: not for children". */
export function ruleWords({ effect, origin, who, at, note }: Rule): string {
  const words = `${t(`reason.rule_${effect}`)}, ${t(`origin.${origin}`, { who, day: dateOf(at) })}`;
  return note ? `${words}: ${note}` : words;
}

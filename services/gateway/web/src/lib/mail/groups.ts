// Templates for the same moment and the same people, in their languages. Pure.
import type { MailTemplate } from "../api";
import { EVENTS } from "./terms";

export interface Group {
  key: string;
  templates: readonly [MailTemplate, ...MailTemplate[]];
}

export const groupKey = ({ event, days, provider, plan_id }: Pick<MailTemplate, "event" | "days" | "provider" | "plan_id">): string =>
  [event, days, provider ?? "", plan_id ?? ""].join("-");

/** In the order in which they come to somebody: long before the last day first. */
export function grouped(templates: readonly MailTemplate[]): Group[] {
  const groups = new Map<string, [MailTemplate, ...MailTemplate[]]>();
  for (const template of [...templates].sort(before)) {
    const group = groups.get(groupKey(template));
    if (group) group.push(template);
    else groups.set(groupKey(template), [template]);
  }
  return [...groups].map(([key, found]) => ({ key, templates: found }));
}

const days = ({ event, days }: MailTemplate): number => (event === "before_expiry" ? -days : days);

const before = (a: MailTemplate, b: MailTemplate): number =>
  EVENTS.indexOf(a.event) - EVENTS.indexOf(b.event) || days(a) - days(b) || groupKey(a).localeCompare(groupKey(b)) || a.language.localeCompare(b.language);

// Days of the calendar: "2026-03-01" is that day wherever one reads it. Pure.

const DAY_MS = 86_400_000;

/** From one day to another; negative when `to` comes first. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;

export const daysAfter = (day: string, count: number): string => new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);

/** The day that it is in an IANA zone. Swedes write days as ISO 8601 does. */
export const dayIn = (zone: string, moment: number): string => new Date(moment).toLocaleDateString("sv-SE", { timeZone: zone });

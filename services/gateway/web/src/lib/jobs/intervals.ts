// Intervals as people write them: a positive whole number and one unit.

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const WRITTEN = /^\s*([1-9]\d{0,6})\s*([smhd])\s*$/;

export type Unit = keyof typeof UNIT_MS;

export interface Interval {
  count: number;
  unit: Unit;
  ms: number;
}

/** Null when it is not an interval. */
export function parseInterval(text: string): Interval | null {
  const [, count, unit] = WRITTEN.exec(text) ?? [];
  if (!count || !unit) return null;
  return { count: Number(count), unit: unit as Unit, ms: Number(count) * UNIT_MS[unit as Unit] };
}

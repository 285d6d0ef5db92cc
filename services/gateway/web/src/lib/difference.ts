// What differs between two values, told in lines. Pure.

export interface Line {
  name: string;
  before: string;
  after: string;
}

/** Written by the machine at each change: they differ always and say nothing. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(["type", "changed_by", "changed_at", "created_at", "id"]);

/** One line a field, a list or a plain value that differs. */
export function difference(before: unknown, after: unknown): Line[] {
  if (isRecord(before) || isRecord(after)) {
    const [old, now] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !OF_THE_MACHINE.has(name));
    return names.flatMap((name) => field(name, old[name], now[name]));
  }
  return field("", before, after);
}

/** Of lists, what is in one of them alone; of fields within a field, those that differ, as `outer.inner`. */
function field(name: string, before: unknown, after: unknown): Line[] {
  if ([before, after].some(isRecord) && [before, after].every((side) => isRecord(side) || isNothing(side))) return difference(before, after).map((line) => ({ ...line, name: `${name}.${line.name}` }));
  if (!Array.isArray(before) && !Array.isArray(after)) return line(name, written(before), written(after));
  const [old, now] = [before, after].map((list) => (Array.isArray(list) ? list : []).map(element));
  return line(name, old!.filter((one) => !now!.includes(one)).join(", "), now!.filter((one) => !old!.includes(one)).join(", "));
}

const line = (name: string, before: string, after: string): Line[] => (before === after ? [] : [{ name, before, after }]);

const isNothing = (value: unknown): value is null | undefined => value === undefined || value === null;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A set of named things in a list is its names: "one.mkv + two.mkv". */
const element = (value: unknown): string =>
  isRecord(value) && Object.values(value).every((name) => typeof name === "string") ? Object.values(value).join(" + ") : written(value);

const written = (value: unknown): string =>
  isNothing(value) ? "" : typeof value === "string" ? value : JSON.stringify(value);

// Every text a person reads comes from src/messages. Values stand in braces; a plural is a key with .one and .other.
import type english from "../../messages/en.json";

export type MessageKey = keyof typeof english;
type Counted<K> = K extends `${infer Stem}.other` ? Stem : never;
export type PluralKey = Counted<MessageKey>;
export type Values = Record<string, string | number>;

export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español", fr: "Français", it: "Italiano" } as const;
export type Language = keyof typeof LANGUAGES;

const files = import.meta.glob<{ default: Record<string, string> }>("../../messages/*.json");

class Messages {
  language = $state<Language>("en");
  texts = $state.raw<Record<string, string>>({});
  readonly #plurals = $derived(new Intl.PluralRules(this.language));
  readonly #numbers = $derived(new Intl.NumberFormat(this.language));
  readonly #percents = $derived(new Intl.NumberFormat(this.language, { style: "percent", maximumFractionDigits: 1 }));

  number(value: number): string {
    return this.#numbers.format(value);
  }

  percent(share: number): string {
    return this.#percents.format(Math.floor(share * 1_000) / 1_000);
  }

  category(count: number): Intl.LDMLPluralRule {
    return this.#plurals.select(count);
  }
}

const current = new Messages();

/** The language that texts are in now. */
export const language = (): Language => current.language;

/** The language as this browser's region writes it: a day's hours are 24 in one English and twice 12 in another. */
export const region = (): string => navigator.languages.find((tag) => tag.slice(0, 2) === current.language) ?? current.language;

/** The best of our languages for this browser. */
export function preferredLanguage(): Language {
  const wished = navigator.languages.map((tag) => tag.slice(0, 2));
  return (wished.find((tag) => tag in LANGUAGES) as Language | undefined) ?? "en";
}

export async function speak(wanted: Language): Promise<void> {
  current.texts = (await files[`../../messages/${wanted}.json`]!()).default;
  current.language = wanted;
  document.documentElement.lang = wanted;
}

export function t(key: MessageKey, values: Values = {}): string {
  return fill(current.texts[key] ?? key, values);
}

/** The message for this many: `count` is among its values. */
export function plural(key: PluralKey, count: number, values: Values = {}): string {
  const form = `${key}.${current.category(count)}`;
  const text = current.texts[form] ?? current.texts[`${key}.other`] ?? "";
  return fill(text, { count: number(count), ...values });
}

/** A message whose key is put together at run time; `otherwise` when there is none. */
export function tMaybe(key: string, otherwise: string): string {
  return current.texts[key] ?? otherwise;
}

export const number = (value: number): string => current.number(value);

/** Of a share from 0 to 1: "99.2%", and "100%" only if it is all. */
export const percent = (share: number): string => current.percent(share);

export const compare = (a: string, b: string): number => a.localeCompare(b, current.language, { numeric: true });

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

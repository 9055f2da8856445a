// Languages: a file of messages each, loaded when chosen. To add one, put `languages/CODE.json` beside the others; the
// tests say what it lacks. Plurals, numbers, dates and names of languages come from Intl.
import { computed, signal } from "@preact/signals";
import type english from "./languages/en.json";

export type Key = keyof typeof english;
type Plural = Partial<Record<Intl.LDMLPluralRule, string>>;
export type Messages = Record<Key, string | Plural>;
export type Values = Record<string, string | number>;

const files = import.meta.glob<Messages>("./languages/*.json", { import: "default" });
export const languages: readonly string[] = Object.keys(files).map((path) => /([\w-]+)\.json$/.exec(path)![1]!).sort();

export const language = signal("en");
const messages = signal<Messages | null>(null);
const plural_rules = computed(() => new Intl.PluralRules(language.value));
const number_format = computed(() => new Intl.NumberFormat(language.value));

export function number(value: number): string {
  return number_format.value.format(value);
}

/** The message of `key` in the current language. A message with plural forms chooses by the value named `n`. */
export function t(key: Key, values: Values = {}): string {
  return compose(messages.value?.[key], key, values, plural_rules.value, number);
}

export function compose(
  message: string | Plural | undefined, key: string, values: Values, rules: Intl.PluralRules, format: (n: number) => string,
): string {
  if (message === undefined) return key;
  const text = typeof message === "string" ? message : (message[rules.select(Number(values.n ?? 0))] ?? message.other ?? key);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? format(value) : value;
  });
}

/** True when the language has a message of this name: for words that come from the wire. */
export function has(key: string): key is Key {
  return messages.value !== null && key in messages.value;
}

/** A word of the wire (an event, a status, a kind) in the user's language, or as it came. */
export function word(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return has(key) ? t(key) : value;
}

export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code;
  }
}

/** The best of what the browser asks for. */
export function preferredLanguage(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const found = languages.find((code) => code === tag) ?? languages.find((code) => tag.split("-")[0] === code);
    if (found) return found;
  }
  return "en";
}

export async function setLanguage(code: string): Promise<void> {
  const load = files[`./languages/${code}.json`] ?? files["./languages/en.json"]!;
  const loaded = await load();
  messages.value = loaded;
  language.value = code;
  document.documentElement.lang = code;
}

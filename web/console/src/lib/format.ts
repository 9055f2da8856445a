// Times, durations and names as people read them, in the user's language.
import { computed, signal } from "@preact/signals";
import { language, t } from "../i18n/index.js";

/** The clock of the page, in steps of 15 s: for countdowns and "today". Set by the session to the engine's time. */
export const now = signal(Date.now());
/** Engine's time minus this machine's. */
export const clock_skew = signal(0);
setInterval(() => {
  now.value = Date.now() + clock_skew.value;
}, 15_000);
export const engineNow = (): number => Date.now() + clock_skew.value;

const formats = computed(() => ({
  time: new Intl.DateTimeFormat(language.value, { hour: "2-digit", minute: "2-digit" }),
  weekday: new Intl.DateTimeFormat(language.value, { weekday: "short" }),
  day: new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short" }),
  date: new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", year: "numeric" }),
  long_day: new Intl.DateTimeFormat(language.value, { weekday: "long", day: "numeric", month: "long" }),
  long_date: new Intl.DateTimeFormat(language.value, { day: "numeric", month: "long", year: "numeric" }),
  moment: new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
  exact: new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" }),
}));

const day_ms = 86_400_000;
const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
/** Whole days from the day of `at` to today, in local time. */
export const daysAgo = (at: number, today: number): number => Math.round((startOfDay(today) - startOfDay(at)) / day_ms);

export const formatTime = (at: number): string => formats.value.time.format(at);
export const formatMoment = (at: number): string => formats.value.moment.format(at);
export const formatExact = (at: number): string => formats.value.exact.format(at);

/** For a row: the hour today, else the day. */
export function formatRowTime(at: number): string {
  const ago = daysAgo(at, now.value);
  if (ago <= 0) return formats.value.time.format(at);
  if (ago === 1) return t("day.yesterday");
  if (ago < 7) return formats.value.weekday.format(at);
  return ago < 300 ? formats.value.day.format(at) : formats.value.date.format(at);
}

/** For a day separator. */
export function formatDay(at: number): string {
  const ago = daysAgo(at, now.value);
  if (ago === 0) return t("day.today");
  if (ago === 1) return t("day.yesterday");
  return ago < 300 ? formats.value.long_day.format(at) : formats.value.long_date.format(at);
}

/** "3 h 12 min": the two greatest units, at least one minute. */
export function formatDuration(ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  const unit = (value: number, name: "day" | "hour" | "minute"): string =>
    new Intl.NumberFormat(language.value, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  if (days > 0) return hours > 0 ? `${unit(days, "day")} ${unit(hours, "hour")}` : unit(days, "day");
  if (hours > 0) return rest > 0 ? `${unit(hours, "hour")} ${unit(rest, "minute")}` : unit(hours, "hour");
  return unit(rest, "minute");
}

export function formatList(items: readonly string[]): string {
  return new Intl.ListFormat(language.value, { type: "conjunction" }).format(items);
}

export function formatBytes(bytes: number): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language.value, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

/** "Español" of `es`, in the user's language; what is no code stays as it is. */
export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames([language.value], { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(language.value) + name.slice(1);
  } catch {
    return code;
  }
}

export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames([language.value], { type: "region" }).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /\p{L}/u.test(word));
  if (words.length === 0) return name.replace(/\D/g, "").slice(-2) || "?";
  const first = [...words[0]!][0]!;
  const last = words.length > 1 ? [...words[words.length - 1]!][0]! : "";
  return (first + last).toLocaleUpperCase();
}

/** One of 8 hues, always the same for the same id. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.codePointAt(0)!) >>> 0;
  return hash % 8;
}

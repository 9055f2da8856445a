// What this browser remembers for its user: looks and habits, nothing of the workspace.
import { effect, signal, type Signal } from "@preact/signals";
import { languages, preferredLanguage, setLanguage } from "../i18n/index.js";

/** A signal kept in localStorage; a browser that refuses storage just forgets. */
export function kept<T>(name: string, initial: T, valid: (value: unknown) => value is T): Signal<T> {
  const key = `inboxd.${name}`;
  let first = initial;
  try {
    const text = localStorage.getItem(key);
    const value: unknown = text === null ? initial : JSON.parse(text);
    if (valid(value)) first = value;
  } catch {
    // Storage is off, or holds what is not ours.
  }
  const held = signal(first);
  let begun = false;
  effect(() => {
    const text = JSON.stringify(held.value);
    if (!begun) {
      begun = true;
      return;
    }
    try {
      localStorage.setItem(key, text);
    } catch {
      // See above.
    }
  });
  return held;
}

export type Theme = "system" | "light" | "dark";
const oneOf = <T extends string>(...all: readonly T[]) => (value: unknown): value is T => (all as readonly unknown[]).includes(value);
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

export const theme = kept<Theme>("theme", "system", oneOf("system", "light", "dark"));
export const chosen_language = kept("language", preferredLanguage(navigator.languages), oneOf(...languages));
/** Beside the conversation where there is room; over it, and only when asked for, where there is none. */
const has_room = matchMedia("(min-width: 1181px)").matches;
export const details_open = has_room ? kept("details", true, isBoolean) : signal(false);
export const sound = kept("sound", true, isBoolean);
export const browser_notices = kept("notices", false, isBoolean);

/** Applies the looks before the first paint. */
export async function startPrefs(): Promise<void> {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
  await setLanguage(chosen_language.value);
  effect(() => {
    void setLanguage(chosen_language.value);
  });
}

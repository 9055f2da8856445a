// Short words to the user: what was refused and why, and what can be undone.
import { signal } from "@preact/signals";
import { InboxError } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { formatMoment } from "../lib/format.js";

export interface Toast {
  id: number;
  kind: "error" | "info";
  text: string;
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
let next_id = 1;
const shown_ms = 7_000;

export function toast(kind: Toast["kind"], text: string, action?: Toast["action"]): void {
  const id = next_id++;
  toasts.value = [...toasts.value.slice(-3), action ? { id, kind, text, action } : { id, kind, text }];
  setTimeout(() => dismiss(id), shown_ms);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** The engine's refusal in the user's words; what it named stays in it. */
export function explain(error: unknown): string {
  if (!(error instanceof InboxError)) return String(error);
  if (error.reason === "window_closed") {
    const at = error.data.closed_at;
    return typeof at === "number" ? t("error.window_closed_at", { when: formatMoment(at) }) : t("error.window_closed");
  }
  if (error.reason === "invalid_params" && error.field) return t("error.invalid_params_field", { field: error.field, why: error.message });
  const known = word("error", error.reason);
  return known === error.reason ? `${error.reason}: ${error.message}` : known;
}

/** Runs a command; a refusal is shown, and given back as null. */
export async function attempt<T>(command: Promise<T>): Promise<T | null> {
  try {
    return await command;
  } catch (error) {
    toast("error", explain(error));
    return null;
  }
}

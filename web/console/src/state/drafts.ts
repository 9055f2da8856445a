// What was written to a contact and not sent: kept per contact for as long as the tab lives.
import { signal } from "@preact/signals";

export interface Draft { mode: "reply" | "comment"; text: string; channel?: string }
const key = "inboxd.drafts";

function load(): Record<string, Draft> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "{}") as Record<string, Draft>;
  } catch {
    return {};
  }
}

export const drafts = signal<Readonly<Record<string, Draft>>>(load());
const empty: Draft = { mode: "reply", text: "" };
export const draftOf = (contact: string): Draft => drafts.value[contact] ?? empty;

export function setDraft(contact: string, change: Partial<Draft>): void {
  const next = { ...drafts.value };
  const draft = { ...(next[contact] ?? empty), ...change };
  if (draft.text === "" && draft.mode === "reply" && draft.channel === undefined) delete next[contact];
  else next[contact] = draft;
  drafts.value = next;
  try {
    sessionStorage.setItem(key, JSON.stringify(next));
  } catch {
    // Kept by the page alone, then.
  }
}

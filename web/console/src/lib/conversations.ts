// The conversations of a contact, found in its timeline: each begins with `opened` or `reopened` and ends with `done`.
import type { Entry, EventEntry } from "@inboxd/client";

export interface Conversation {
  /** Of the entry that began it, or of the first one at hand when that is further back. */
  from_seq: number;
  opened_at: number;
  /** False for one that began before the entries at hand. */
  whole: boolean;
  /** How it ended; null for one that goes on. */
  done: EventEntry | null;
  messages: number;
}

/** Oldest first. `entries` ascend without a gap; `more`: there are entries before them. */
export function conversationsOf(entries: readonly Entry[], more: boolean): Conversation[] {
  const found: Conversation[] = [];
  let current: Conversation | null = null;
  const begin = (entry: Entry, whole: boolean): Conversation => {
    const made: Conversation = { from_seq: entry.seq, opened_at: entry.at, whole, done: null, messages: 0 };
    found.push(made);
    return made;
  };
  for (const entry of entries) {
    const begins = entry.kind === "event" && (entry.event === "opened" || entry.event === "reopened");
    if (begins) current = begin(entry, true);
    // What comes after the end of one (its `unassigned`, a comment) belongs to it, not to the next.
    else if (!current) current = begin(entry, !more);
    if (entry.kind === "message") ++current.messages;
    if (entry.kind === "event" && entry.event === "done") current.done = entry;
  }
  return found;
}

// Whether the engine can search, and what it found.
import { signal } from "@preact/signals";
import { InboxError, type Cursor, type Hit, type InboxClient } from "@inboxd/client";
import { client } from "./session.js";

/** False until the engine has answered one: an engine without search has no search bar. */
export const search_there = signal(false);

/** What a search found so far, by kind; `cursor` leads on, null: that is all. */
export interface Found {
  contacts: Hit[];
  messages: Hit[];
  comments: Hit[];
  cursor: Cursor | null;
  /** 0 to 1 while the engine's index is being made and there may be more; null: it is whole. */
  progress: number | null;
}
export const nothing_found: Found = { contacts: [], messages: [], comments: [], cursor: null, progress: null };
export const countFound = (found: Found): number => found.contacts.length + found.messages.length + found.comments.length;

const page_hits = 24;

const cannot = (error: unknown): boolean => error instanceof InboxError && error.reason === "method_not_found";

export async function probeSearch(inbox: InboxClient): Promise<void> {
  try {
    await inbox.call("search", { query: "a", limit: 1 }, { retry: false });
    search_there.value = true;
  } catch (error) {
    const away = error instanceof InboxError && (error.reason === "unavailable" || error.reason === "connection_lost");
    search_there.value = !cannot(error) && !away;
  }
}

export interface Wanted { query: string; view?: string | null }

/** The first page, or the one after `before`, which it adds to. */
export async function find({ query, view }: Wanted, before: Found = nothing_found): Promise<Found> {
  const inbox = client.value;
  if (!inbox) return before;
  const params = { query, limit: page_hits, ...(view ? { view } : {}), ...(before.cursor ? { cursor: before.cursor } : {}) };
  try {
    const { hits, cursor, partial, progress } = await inbox.call("search", params, { retry: false });
    const entries = (kind: string): Hit[] => hits.filter((hit) => hit.entry?.kind === kind);
    return {
      contacts: [...before.contacts, ...hits.filter((hit) => !hit.entry)],
      messages: [...before.messages, ...entries("message")],
      comments: [...before.comments, ...entries("comment")],
      cursor: cursor ?? null,
      progress: partial ? (progress ?? 1) : null,
    };
  } catch (error) {
    if (cannot(error)) search_there.value = false;
    throw error;
  }
}

/** True for a query that is not finished or not understood (`tag:`): to be said, not to be alarmed about. */
export const isAboutQuery = (error: unknown): boolean =>
  error instanceof InboxError && error.reason === "invalid_params" && error.field === "query";

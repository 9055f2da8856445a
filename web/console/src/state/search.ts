// Whether the engine can search, and what it found.
import { signal } from "@preact/signals";
import { InboxError, type Hit, type InboxClient } from "@inboxd/client";
import { client } from "./session.js";

/** False until the engine has answered one: an engine without search has no search bar. */
export const search_there = signal(false);

export interface Found { contacts: Hit[]; messages: Hit[]; comments: Hit[] }

const cannot = (error: unknown): boolean =>
  error instanceof InboxError && (error.reason === "method_not_found" || error.reason === "unavailable");

export async function probeSearch(inbox: InboxClient): Promise<void> {
  try {
    await inbox.call("search", { query: "a", limit: 1 }, { retry: false });
    search_there.value = true;
  } catch (error) {
    search_there.value = !(cannot(error) || (error instanceof InboxError && error.reason === "connection_lost"));
  }
}

export async function find(query: string): Promise<Found> {
  const inbox = client.value;
  const found: Found = { contacts: [], messages: [], comments: [] };
  if (!inbox) return found;
  try {
    const { hits } = await inbox.call("search", { query, limit: 30 }, { retry: false });
    for (const hit of hits) {
      if (!hit.entry) found.contacts.push(hit);
      else if (hit.entry.kind === "comment") found.comments.push(hit);
      else found.messages.push(hit);
    }
  } catch (error) {
    if (cannot(error)) search_there.value = false;
    else throw error;
  }
  return found;
}

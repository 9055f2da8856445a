// The history of a contact's conversations: when each was, how it ended, and the way to it in the timeline.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Contact, Entry } from "@inboxd/client";
import { number, t } from "../i18n/index.js";
import { conversationsOf, type Conversation } from "../lib/conversations.js";
import { closingNote } from "../lib/entries.js";
import { formatDuration, formatExact, formatMoment } from "../lib/format.js";
import { open_contact, openEntry } from "../state/contact.js";
import { agentName } from "../state/directory.js";
import { inbox } from "../state/session.js";
import { explain } from "../state/toasts.js";

const page_entries = 200;

/** Pages of history read for this list alone: the timeline beside it keeps its own. */
const older = signal<{ contact: string; entries: readonly Entry[]; more: boolean } | null>(null);

export function PastConversations({ contact }: { contact: Contact }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    older.value = null;
    setError(null);
  }, [contact.id]);
  const open = open_contact.value;
  const read = older.value?.contact === contact.id ? older.value : null;
  const near = open?.id === contact.id ? open.entries : [];
  const first = near[0]?.seq ?? Number.MAX_SAFE_INTEGER;
  const entries = read ? [...read.entries.filter((entry) => entry.seq < first), ...near] : near;
  const more = (entries[0]?.seq ?? 1) > 1;
  const all = conversationsOf(entries, more).reverse();
  // Numbered from the engine's own count: merges apart, the newest is the current one.
  const last = contact.conversation.number;

  const readOn = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const before_seq = entries[0]!.seq;
      const page = await inbox().call("timeline.page", { contact: contact.id, before_seq, limit: page_entries });
      older.value = { contact: contact.id, entries: [...page.entries, ...(read?.entries ?? []), ...near.filter((entry) => entry.seq >= before_seq)], more: page.more };
    } catch (problem) {
      setError(explain(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section data-testid="past">
      <h3>{t("past.title")}</h3>
      <ol class="past">{all.map((one, i) => <Item key={one.from_seq} contact={contact.id} one={one} place={last - i} />)}</ol>
      {error ? <p class="field-error" role="alert">{error}</p> : null}
      {more ? <button type="button" class="button past-more" disabled={busy} onClick={() => void readOn()} data-testid="past-more">{busy ? t("timeline.loading") : t("past.more")}</button> : null}
    </section>
  );
}

function Item({ contact, one, place }: { contact: string; one: Conversation; place: number }): JSX.Element {
  const note = one.done ? closingNote(one.done) : "";
  const who = one.done?.author.kind === "agent" ? agentName(one.done.author.id) : "";
  return (
    <li>
      <button type="button" class="past-item" onClick={() => openEntry(contact, one.from_seq)} data-testid="past-item" title={formatExact(one.opened_at)}>
        <span class="past-head">
          <strong>{t("past.number", { n: number(Math.max(1, place)) })}</strong>
          <span class="muted">{one.whole ? formatMoment(one.opened_at) : t("past.before", { when: formatMoment(one.opened_at) })}</span>
        </span>
        <span class="past-line muted">
          {t("past.messages", { n: one.messages })}
          {one.done ? ` · ${who ? t("past.done_by", { who }) : t("past.done")}${one.whole ? ` · ${formatDuration(one.done.at - one.opened_at)}` : ""}` : ` · ${t("past.open")}`}
        </span>
        {note ? <span class="past-note">{note}</span> : null}
      </button>
    </li>
  );
}

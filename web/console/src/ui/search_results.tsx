// What a search found, by kind; each hit opens where it is: a contact, or an entry in its history.
import type { JSX } from "preact";
import type { Highlight, Hit } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { formatExact, formatRowTime } from "../lib/format.js";
import { openEntry } from "../state/contact.js";
import { openContact } from "../state/router.js";
import { agentName } from "../state/directory.js";
import type { Found } from "../state/search.js";
import { Avatar } from "./bits.js";

interface Props { found: Found; picked: () => void; more: (() => void) | null }

export function SearchResults({ found, picked, more }: Props): JSX.Element {
  return (
    <>
      <Hits kind="contacts" title={t("search.contacts")} hits={found.contacts} picked={picked} />
      <Hits kind="messages" title={t("search.messages")} hits={found.messages} picked={picked} />
      <Hits kind="comments" title={t("search.comments")} hits={found.comments} picked={picked} />
      {more ? <button type="button" class="search-more" data-testid="search-more" onClick={more}>{t("search.more")}</button> : null}
    </>
  );
}

function Hits({ kind, title, hits, picked }: { kind: string; title: string; hits: readonly Hit[]; picked: () => void }): JSX.Element | null {
  if (hits.length === 0) return null;
  return (
    <section>
      <h2 class="menu-title">{title}</h2>
      {hits.map((hit) => <HitView key={`${hit.contact.id} ${hit.entry?.seq ?? ""}`} kind={kind} hit={hit} picked={picked} />)}
    </section>
  );
}

function HitView({ kind, hit, picked }: { kind: string; hit: Hit; picked: () => void }): JSX.Element {
  const { contact: row, entry } = hit;
  const at = entry?.at ?? row.sort_at;
  const open = (): void => {
    picked();
    if (entry) openEntry(row.id, entry.seq);
    else openContact(row.id);
  };
  const name = hit.highlight.find((one) => one.field === "name");
  return (
    <button type="button" class="hit" data-testid={`hit-${kind}`} data-contact={row.id} data-entry-seq={entry?.seq} onClick={open}>
      <Avatar id={row.id} name={row.name} kind={row.channel_kind ?? null} size="s" />
      <span class="hit-text">
        <span class="hit-name">{!entry && name ? <Marked parts={name.parts} /> : row.name || t("contact.nameless")}</span>
        <span class="hit-line">{entry ? <EntryLine hit={hit} /> : <ContactLine hit={hit} />}</span>
      </span>
      <time title={formatExact(at)}>{formatRowTime(at)}</time>
    </button>
  );
}

/** Why the contact was found, when its name does not say it; else its last message. */
function ContactLine({ hit }: { hit: Hit }): JSX.Element {
  const others = hit.highlight.filter((one) => one.field !== "name");
  if (others.length === 0) return <>{hit.contact.last_message?.preview ?? ""}</>;
  return <>{others.slice(0, 3).map((one) => <span class="hit-field" key={one.field}><span class="hit-label">{fieldName(one)}</span> <Marked parts={one.parts} /></span>)}</>;
}

/** A custom field by its id, which is all that a hit says of it. */
const fieldName = ({ field }: Highlight): string => word("search_field", field.replace(/^fields\./, ""));

function EntryLine({ hit }: { hit: Hit }): JSX.Element {
  const entry = hit.entry!;
  const marked = hit.highlight[0];
  return <>
    {entry.author.kind === "agent" ? <span class="hit-label">{agentName(entry.author.id)}: </span> : null}
    {marked ? <Marked parts={marked.parts} /> : (entry.text ?? "")}
  </>;
}

/** Pieces by turns plain and matched. They are text: whatever a customer wrote stays what it is. */
function Marked({ parts }: { parts: readonly string[] }): JSX.Element {
  // A line shows its beginning: what comes long before the first match is left out.
  const before_max = 40;
  return <>{parts.map((part, i) => {
    if (i % 2 === 1) return <mark key={i}>{part}</mark>;
    return i === 0 && parts.length > 1 && part.length > before_max ? `…${part.slice(-before_max)}` : part;
  })}</>;
}

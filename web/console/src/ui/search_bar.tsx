// The search bar: contacts, messages and comments by their words. Absent where the engine has no search.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Hit } from "@inboxd/client";
import { t } from "../i18n/index.js";
import { formatRowTime } from "../lib/format.js";
import { openEntry } from "../state/contact.js";
import { openContact } from "../state/router.js";
import { find, search_there, type Found } from "../state/search.js";
import { explain } from "../state/toasts.js";
import { Avatar } from "./bits.js";
import { Icon } from "./icons.js";

const none: Found = { contacts: [], messages: [], comments: [] };
const pause_ms = 180;

export function SearchBar(): JSX.Element | null {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Found>(none);
  const [phase, setPhase] = useState<"idle" | "busy" | "done">("idle");
  const [error, setError] = useState<string | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const active = query.trim().length >= 2;

  useEffect(() => {
    setError(null);
    if (!active) {
      setFound(none);
      setPhase("idle");
      return;
    }
    let stale = false;
    setPhase("busy");
    const timer = setTimeout(() => {
      find(query.trim()).then((got) => {
        if (stale) return;
        setFound(got);
        setPhase("done");
      }, (problem: unknown) => {
        if (stale) return;
        setError(explain(problem));
        setPhase("done");
      });
    }, pause_ms);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [query]);

  if (!search_there.value) return null;
  const clear = (): void => setQuery("");
  const move = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      clear();
      root.current?.querySelector("input")?.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...(root.current?.querySelectorAll<HTMLElement>("input, .hit") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[Math.min(items.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
    event.preventDefault();
  };
  const total = found.contacts.length + found.messages.length + found.comments.length;
  return (
    <div class="search" ref={root} onKeyDown={move} role="search">
      <div class="search-box">
        <Icon name="search" size={17} />
        <input id="search" type="search" value={query} placeholder={t("search.hint")} aria-label={t("search.label")} autocomplete="off"
          onInput={(event) => setQuery(event.currentTarget.value)} data-testid="search" />
        <kbd aria-hidden="true">/</kbd>
      </div>
      {active ? (
        <div class="search-results" data-testid="search-results">
          <p class="sr-only" role="status">{phase === "done" ? t("search.found", { n: total }) : ""}</p>
          {error ? <p class="field-error">{error}</p> : null}
          <Hits title={t("search.contacts")} hits={found.contacts} query={query} pick={clear} />
          <Hits title={t("search.messages")} hits={found.messages} query={query} pick={clear} />
          <Hits title={t("search.comments")} hits={found.comments} query={query} pick={clear} />
          {phase === "done" && total === 0 && !error ? <p class="menu-none">{t("nothing_found")}</p> : null}
        </div>
      ) : null}
    </div>
  );
}

function Hits({ title, hits, query, pick }: { title: string; hits: readonly Hit[]; query: string; pick: () => void }): JSX.Element | null {
  if (hits.length === 0) return null;
  return (
    <section>
      <h2 class="menu-title">{title}</h2>
      {hits.map((hit) => {
        const { contact: row, entry } = hit;
        const text = entry && "text" in entry ? (entry.text ?? "") : (row.last_message?.preview ?? "");
        return (
          <button type="button" class="hit" key={`${row.id} ${entry?.seq ?? ""}`} onClick={() => {
            pick();
            if (entry) openEntry(row.id, entry.seq);
            else openContact(row.id);
          }}>
            <Avatar id={row.id} name={row.name} kind={row.channel_kind ?? null} size="s" />
            <span class="hit-text"><span class="hit-name">{marked(row.name, query)}</span><span class="hit-line">{marked(around(text, query), query)}</span></span>
            <time>{formatRowTime(entry?.at ?? row.sort_at)}</time>
          </button>
        );
      })}
    </section>
  );
}

/** Letters without case and accents, one for one, so that positions stay. */
const plain = (text: string): string => [...text].map((c) => c.normalize("NFD")[0]!.toLowerCase()).join("");
const words = (query: string): string[] => plain(query).split(/\s+/).filter(Boolean);

function around(text: string, query: string): string {
  const at = Math.min(...words(query).map((w) => plain(text).indexOf(w)).filter((i) => i >= 0), text.length);
  return at > 40 && at < text.length ? `…${text.slice(at - 25)}` : text;
}

function marked(text: string, query: string): Array<string | JSX.Element> {
  const wanted = words(query);
  return text.split(/(\s+)/).map((part, i) => (wanted.some((w) => plain(part).startsWith(w)) ? <mark key={i}>{part}</mark> : part));
}

// The search bar: contacts, messages and comments as one types. Absent where the engine has no search.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { place } from "../state/router.js";
import { countFound, find, isAboutQuery, nothing_found, search_there, type Found, type Wanted } from "../state/search.js";
import { explain } from "../state/toasts.js";
import { viewName } from "../state/views.js";
import { Icon } from "./icons.js";
import { SearchResults } from "./search_results.js";

/** Between the last key and the question: long enough for a word typed quickly, too short to be noticed. */
const pause_ms = 120;

export function SearchBar(): JSX.Element | null {
  const [query, setQuery] = useState("");
  const [within, setWithin] = useState<string | null>(null);
  const [shown, setShown] = useState(false);
  const search = useSearch(query.trim(), within);
  const root = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const view = place.value.view;
  useEffect(() => setWithin(null), [view]);
  // A click elsewhere, or the focus gone elsewhere, folds it up; the words stay for another look.
  useEffect(() => {
    const away = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setShown(false);
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, []);
  if (!search_there.value) return null;

  const fold = (): void => {
    setShown(false);
    input.current?.blur(); // so that the next focus is one, and unfolds it
  };
  const hits = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>(".hit, .search-more") ?? [])];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const items = hits();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const typing = document.activeElement === input.current;
    if (event.key === "Escape") {
      event.stopPropagation();
      if (!typing) input.current?.focus();
      else if (query) setQuery("");
      else input.current?.blur();
    } else if (event.key === "ArrowDown") {
      items[Math.min(items.length - 1, at + 1)]?.focus();
    } else if (event.key === "ArrowUp" && !typing) {
      (at <= 0 ? input.current : items[at - 1])?.focus();
    } else if (event.key === "Enter" && typing) {
      // What was typed last may not be answered yet: the first hit of an older question is not meant.
      if (search.phase === "done") items[0]?.click();
    } else if ((event.key === "Home" || event.key === "End") && !typing) {
      items[event.key === "Home" ? 0 : items.length - 1]?.focus();
    } else {
      return;
    }
    event.preventDefault();
  };
  const active = shown && query.trim() !== "";
  return (
    <div class="search" ref={root} onKeyDown={onKeyDown} role="search">
      <div class="search-box">
        <Icon name="search" size={17} />
        <input id="search" ref={input} type="search" value={query} placeholder={t("search.hint")} aria-label={t("search.label")}
          autocomplete="off" spellcheck={false} maxLength={512} data-testid="search" aria-expanded={active} aria-controls="search-results" role="combobox" aria-haspopup="dialog"
          onFocus={() => setShown(true)}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setShown(true);
          }} />
        <kbd aria-hidden="true">/</kbd>
      </div>
      {active ? (
        <div class="search-results" id="search-results" role="dialog" aria-label={t("search.results")} data-testid="search-results" data-phase={search.phase}>
          <div class="search-scope">
            <button type="button" class="quick-view" aria-pressed={within !== null} data-testid="search-within"
              onClick={() => setWithin(within === null ? view : null)}>{t("search.within", { view: viewName(view) })}</button>
            <span class="search-count" role="status">{search.phase === "done" && !search.problem ? t("search.found", { n: countFound(search.found) }) : ""}</span>
          </div>
          {search.found.progress !== null ? <p class="search-note">{t("search.partial", { percent: Math.floor(search.found.progress * 100) })}</p> : null}
          {search.problem ? <p class="search-note" role="status" data-testid="search-problem">{search.problem}</p> : null}
          <SearchResults found={search.found} picked={fold} more={search.more} />
          {search.phase === "done" && countFound(search.found) === 0 && !search.problem ? <p class="menu-none">{t("nothing_found")}</p> : null}
        </div>
      ) : null}
    </div>
  );
}

interface Search { found: Found; phase: "idle" | "busy" | "done"; problem: string | null; more: (() => void) | null }

/**
 * Asks when typing pauses; answers to what was typed before are dropped. What is shown is "done" only while it answers
 * the question as it stands: from the very key that changed it, not from when the page came to ask.
 */
function useSearch(query: string, view: string | null): Search {
  const [found, setFound] = useState<Found>(nothing_found);
  const [answered, setAnswered] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const last_asked = useRef(0);
  const question = JSON.stringify([query, view]);
  const phase = query === "" ? "idle" : answered === question ? "done" : "busy";

  const ask = (wanted: Wanted, before: Found): void => {
    const mine = ++last_asked.current;
    setAnswered(null);
    find(wanted, before).then((got) => {
      if (mine !== last_asked.current) return;
      setFound(got);
      setProblem(null);
      setAnswered(question);
    }, (error: unknown) => {
      if (mine !== last_asked.current) return;
      // Half a condition is not an accident: what was found last stays in sight until it is whole.
      if (!isAboutQuery(error)) setFound(nothing_found);
      setProblem(isAboutQuery(error) ? (error as Error).message : explain(error));
      setAnswered(question);
    });
  };
  useEffect(() => {
    ++last_asked.current;
    setAnswered(null);
    if (query === "") {
      setFound(nothing_found);
      setProblem(null);
      return;
    }
    const timer = setTimeout(() => ask({ query, view }, nothing_found), pause_ms);
    return () => clearTimeout(timer);
  }, [question]);
  const more = found.cursor !== null && phase === "done" ? () => ask({ query, view }, found) : null;
  return { found, phase, problem, more };
}

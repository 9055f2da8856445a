// The contact list: only the rows on screen are in the page; it stays under the pointer while the engine moves rows.
import { computed, effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { BuildProgress, Row } from "@inboxd/client";
import { number, t, word } from "../i18n/index.js";
import { agentName, agentOrMe, teamName } from "../state/directory.js";
import { list, showRows } from "../state/list.js";
import { openContact, place } from "../state/router.js";
import { drafts } from "../state/drafts.js";
import { me } from "../state/session.js";
import { countersOf, viewName } from "../state/views.js";
import { formatMoment, formatRowTime, initials, now } from "../lib/format.js";
import { tagsThatFit } from "../lib/tags.js";
import { commonShift, movedCount } from "../lib/window.js";
import { Avatar, Empty, StatusIcon } from "./bits.js";
import { Icon } from "./icons.js";

export const row_height = 78;
const overscan = 6;
/** While the pointer moves over the list, and this long after, rows keep their places. */
const hold_ms = 4_000;

interface Shown { row: Row; gone: boolean }

/** The order that is kept while the pointer is on the list; null: the engine's. */
const held = signal<readonly string[] | null>(null);
const last_known = new Map<string, Row>();

const shown = computed<readonly Shown[]>(() => {
  const { rows } = list.value;
  const order = held.value;
  if (!order) return rows.map((row) => ({ row, gone: false }));
  const now_there = new Map(rows.map((row) => [row.id, row]));
  const kept = order.flatMap((id): Shown[] => {
    const row = now_there.get(id) ?? last_known.get(id);
    return row ? [{ row, gone: !now_there.has(id) }] : [];
  });
  // What a longer window brought comes after all that is kept: nothing on screen moves for it.
  const in_order = new Set(order);
  let end = rows.length;
  while (end > 0 && !in_order.has(rows[end - 1]!.id)) --end;
  return [...kept, ...rows.slice(end).map((row) => ({ row, gone: false }))];
});

/** How many rows would move, or go, if the order were let go. */
const held_back = computed(() => {
  if (!held.value) return 0;
  const gone = shown.value.filter((one) => one.gone).length;
  return gone + movedCount(shown.value.map((one) => one.row.id), list.value.rows.map((row) => row.id));
});

let hold_timer: ReturnType<typeof setTimeout> | undefined;
function hold(): void {
  clearTimeout(hold_timer);
  hold_timer = setTimeout(release, hold_ms);
  if (held.peek()) return;
  const { rows } = list.peek();
  last_known.clear();
  for (const row of rows) last_known.set(row.id, row);
  held.value = rows.map((row) => row.id);
}
function release(): void {
  clearTimeout(hold_timer);
  held.value = null;
}
// Another view or another part of it: nothing to keep.
let held_for = "";
effect(() => {
  const { view, sort, base, phase } = list.value;
  const key = `${view} ${sort ?? ""} ${base} ${phase}`;
  if (key !== held_for) {
    held_for = key;
    release();
  }
});

/** Opens the contact before or after the open one. */
export function step(by: number): void {
  const rows = list.peek().rows;
  const at = rows.findIndex((row) => row.id === place.peek().contact);
  const to = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (to) openContact(to.id);
}

export function ContactList(): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef(signal(0)).current;
  const height = useRef(signal(800)).current;
  const { base, more, phase, view, error, progress } = list.value;
  const rows = shown.value;

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = (): void => void (height.value = element.clientHeight || 800);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const drawn = useRef(new DrawnRows());

  // A new view begins at its top.
  useLayoutEffect(() => {
    scroller.current!.scrollTop = 0;
    top.value = 0;
  }, [view, list.value.sort]);

  const first = Math.max(0, Math.floor(top.value / row_height) - overscan);
  const last = Math.ceil((top.value + height.value) / row_height) + overscan;

  // When rows come in above, what is on screen stays where it is.
  const before = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const element = scroller.current!;
    const positions = new Map<string, number>();
    rows.forEach(({ row }, i) => positions.set(row.id, base + i));
    if (element.scrollTop > row_height / 2) {
      const visible = new Map<string, number>();
      for (const [id, at] of before.current) {
        if (at >= first + overscan && at <= last - overscan) visible.set(id, at);
      }
      const shift = commonShift(visible, positions);
      if (shift !== 0) element.scrollTop += shift * row_height;
    }
    before.current = positions;
  }, [rows, base]);

  useEffect(() => {
    showRows(Math.floor(top.value / row_height), Math.ceil((top.value + height.value) / row_height));
  }, [Math.floor(top.value / row_height), height.value, rows.length]);

  // The open contact is kept in sight when it is chosen by key.
  const selected = place.value.contact;
  useEffect(() => {
    const at = rows.findIndex(({ row }) => row.id === selected);
    const element = scroller.current!;
    if (at < 0) return;
    const y = (base + at) * row_height;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + row_height > element.scrollTop + element.clientHeight) element.scrollTop = y + row_height - element.clientHeight;
  }, [selected]);

  const total = base + rows.length + (more ? 3 : 0);
  const contacts = Math.max(countersOf(view).contacts, base + rows.length);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") document.getElementById("composer-text")?.focus();
    else return;
    event.preventDefault();
  };
  const selected_shown = rows.slice(Math.max(0, first - base), last - base).some(({ row }) => row.id === selected);

  return (
    <div class="list-wrap">
      {held_back.value > 0 ? (
        <button type="button" class="pill" onClick={release} data-testid="held-back">{t("list.held_back", { n: held_back.value })}</button>
      ) : null}
      <div class="list" ref={scroller} role="listbox" tabIndex={0} aria-label={t("list.label", { view: viewName(view) })} data-testid="contact-list"
        aria-activedescendant={selected_shown ? `row-${selected}` : undefined} aria-busy={phase === "starting"}
        onKeyDown={onKeyDown} onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
        onPointerMove={(event) => {
          if (event.pointerType === "mouse") hold();
        }}
        onPointerLeave={release}>
        <div class="list-space" role="presentation" style={{ height: `${total * row_height}px` }}>
          {rows.map(({ row, gone }, i) => {
            const at = base + i;
            if (at < first || at > last) return null;
            return drawn.current.row({ row, gone, at, contacts, selected: row.id === selected });
          })}
        </div>
      </div>
      {rows.length === 0 && phase === "live" ? <Empty icon="inbox" title={t("list.empty")} text={t("list.empty_text")} /> : null}
      {phase === "ended" ? <Empty icon="warn" title={t("list.ended")} text={error ? word("error", error) : undefined} /> : null}
      {rows.length === 0 && phase === "starting" ? progress ? <Building progress={progress} /> : <Skeleton /> : null}
    </div>
  );
}

function Skeleton(): JSX.Element {
  return (
    <div class="skeleton" role="presentation">
      {[0, 1, 2, 3, 4, 5].map((i) => <div class="skeleton-row" key={i}><span /><span /><span /></div>)}
    </div>
  );
}

/** Over a million contacts a new list takes the engine some seconds: it says how far it is. */
function Building({ progress: { done, total } }: { progress: BuildProgress }): JSX.Element {
  return (
    <div class="empty building" role="status" data-testid="building">
      <p class="empty-title">{t("build.title")}</p>
      <progress value={done} max={Math.max(1, total)} aria-label={t("build.title")} />
      <p class="empty-text">{t("build.text", { done: number(done), total: number(total) })}</p>
    </div>
  );
}

interface RowProps { row: Row; gone: boolean; at: number; contacts: number; selected: boolean }

/** Rows as they were last drawn: one that did not change is given back as it is, and Preact passes it over. */
class DrawnRows {
  private last = new Map<string, { props: RowProps; element: JSX.Element }>();

  row(props: RowProps): JSX.Element {
    const { id } = props.row;
    const held = this.last.get(id);
    if (held && (Object.keys(props) as Array<keyof RowProps>).every((key) => held.props[key] === props[key])) return held.element;
    const element = <ContactRow key={id} {...props} />;
    if (this.last.size > 500) this.last.clear();
    this.last.set(id, { props, element });
    return element;
  }
}

function ContactRow({ row, gone, at, contacts, selected }: RowProps): JSX.Element {
  const message = row.last_message;
  const draft = drafts.value[row.id]?.text ?? "";
  const name = row.name || t("contact.nameless");
  const snoozed = row.snoozed_until != null && row.snoozed_until > now.value;
  const preview = message ? message.preview || word("type", message.type) : t("row.no_messages");
  const spoken = [
    name, row.unread > 0 ? t("count.unread_messages", { n: row.unread }) : "", message?.direction === "out" ? t("row.you_said") : "", preview,
    message ? formatRowTime(message.at) : "",
  ].filter(Boolean).join(", ");
  return (
    <div role="option" id={`row-${row.id}`} aria-selected={selected} aria-posinset={at + 1} aria-setsize={contacts} aria-label={spoken}
      class={`row ${row.unread > 0 ? "row-unread" : ""} ${gone ? "row-gone" : ""}`} data-testid="row" data-id={row.id}
      style={{ transform: `translateY(${at * row_height}px)` }} onClick={() => openContact(row.id)}>
      <Avatar id={row.id} name={name} kind={row.channel_kind ?? null} />
      <span class="row-main">
        <span class="row-top">
          <span class="row-name">{name}</span>
          {row.priority !== "none" ? (
            <span class={`priority priority-${row.priority}`} title={t("row.priority", { level: word("priority", row.priority) })}><Icon name="flag" size={13} /></span>
          ) : null}
          <time class="row-time">{message ? formatRowTime(message.at) : formatRowTime(row.sort_at)}</time>
        </span>
        <span class="row-middle">
          {draft ? <span class="row-draft">{t("row.draft")}</span> : message?.direction === "out" ? (
            message.status ? <StatusIcon status={message.status} /> : <span class="row-arrow" aria-hidden="true">↩</span>
          ) : null}
          <span class="row-preview">{draft || preview}</span>
          {row.unread > 0 ? <span class="unread" data-testid="unread">{row.unread > 99 ? "99+" : row.unread}</span> : null}
        </span>
        <span class="row-bottom">
          {snoozed ? <span class="chip chip-snooze" title={t("row.snoozed", { when: formatMoment(row.snoozed_until!) })}><Icon name="alarm" size={12} />{formatRowTimeAhead(row.snoozed_until!)}</span> : null}
          {row.blocked ? <span class="chip chip-danger"><Icon name="block" size={12} />{t("row.blocked")}</span> : null}
          {row.status === "done" ? <span class="chip chip-done"><Icon name="check" size={12} />{t("row.done")}</span> : null}
          {row.assignee ? (
            <span class={`chip ${row.assignee === me.value ? "chip-mine" : ""}`} title={t("row.assigned", { who: agentName(row.assignee) })}>
              <span class="chip-initials" aria-hidden="true">{initials(agentName(row.assignee))}</span>{agentOrMe(row.assignee)}
            </span>
          ) : row.team ? <span class="chip"><Icon name="team" size={12} />{teamName(row.team)}</span> : null}
          <TagChips tags={row.tags} room={tag_room - (snoozed ? 15 : 0) - (row.blocked ? 9 : 0) - (row.status === "done" ? 6 : 0)
            - (row.assignee ? 5 + Math.min(16, agentOrMe(row.assignee).length) : row.team ? 3 + teamName(row.team).length : 0)} />
        </span>
      </span>
    </div>
  );
}

/** Characters for which the last line of the narrowest row has room. */
const tag_room = 34;

/** As many tags as there is room for, whole; the rest as a number that names them. */
function TagChips({ tags, room }: { tags: readonly string[]; room: number }): JSX.Element | null {
  const fitting = tagsThatFit(tags, room);
  const rest = tags.slice(fitting);
  return (
    <>
      {tags.slice(0, fitting).map((tag) => <span class="chip chip-tag" key={tag}>{tag}</span>)}
      {rest.length > 0 ? (
        <span class="chip chip-tag chip-rest" title={rest.join(", ")} data-testid="more-tags"><Icon name="tag" size={11} />
          <span aria-hidden="true">{fitting > 0 ? "+" : ""}{rest.length}</span><span class="sr-only">{rest.join(", ")}</span></span>
      ) : null}
    </>
  );
}

const formatRowTimeAhead = (at: number): string => formatMoment(at);

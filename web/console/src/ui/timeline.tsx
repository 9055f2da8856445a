// The history of the open contact: days, messages, comments, events, and what is on its way.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry, MessageEntry } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { authorName, closingNote, describeEvent } from "../lib/entries.js";
import { formatBytes, formatDay, formatExact, formatTime } from "../lib/format.js";
import { discard, loadOlder, markRead, resend, waiting, wanted_entry, type OpenContact, type Outgoing } from "../state/contact.js";
import { agentName, channelName, channels, rulesOf } from "../state/directory.js";
import { me } from "../state/session.js";
import { StatusIcon } from "./bits.js";
import { unreported } from "./channel_rules.js";
import { ChannelIcon, Icon } from "./icons.js";

const near_px = 80;

export function Timeline({ open }: { open: OpenContact }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const at_bottom = useRef(true);
  const last_top = useRef(0);
  const held = useRef<{ contact: string; first: number; height: number }>({ contact: "", first: 0, height: 0 });
  const loading = useRef(false);
  const [is_loading, setLoading] = useState(false);
  const [fresh, setFresh] = useState(false);
  const { entries, more } = open;
  const name = open.contact?.name || t("contact.nameless");
  const first = entries[0]?.seq ?? 0;
  const last = entries[entries.length - 1]?.seq ?? 0;
  const on_the_way = waiting.value;

  // Older entries come in above without moving what is read; newer ones are followed only from the bottom.
  useLayoutEffect(() => {
    const element = scroller.current!;
    if (held.current.contact !== open.id || held.current.first === 0) at_bottom.current = true;
    else if (first < held.current.first && !at_bottom.current) element.scrollTop += element.scrollHeight - held.current.height;
    if (at_bottom.current) element.scrollTop = element.scrollHeight;
    last_top.current = element.scrollTop;
    held.current = { contact: open.id, first, height: element.scrollHeight };
  });
  // The details beside it and the composer below it change its size without a word.
  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => {
      if (at_bottom.current) element.scrollTop = element.scrollHeight;
      held.current.height = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (at_bottom.current) markRead();
    else setFresh(true);
  }, [last, open.contact?.unread]);
  useEffect(() => setFresh(false), [open.id]);

  const older = (): void => {
    if (loading.current || !more || open.phase !== "live") return;
    loading.current = true;
    setLoading(true);
    void loadOlder().catch(() => undefined).finally(() => {
      loading.current = false;
      setLoading(false);
    });
  };
  const onScroll = (): void => {
    const element = scroller.current!;
    // Only a reader who scrolls up leaves the bottom; what grows below or around does not.
    if (element.scrollHeight - element.scrollTop - element.clientHeight < near_px) at_bottom.current = true;
    else if (element.scrollTop < last_top.current - 1) at_bottom.current = false;
    last_top.current = element.scrollTop;
    if (at_bottom.current) {
      setFresh(false);
      markRead();
    }
    if (element.scrollTop < near_px * 4) older();
  };
  // A short page does not fill the window: there is nothing to scroll, so ask at once.
  useEffect(() => {
    const element = scroller.current!;
    if (more && entries.length > 0 && element.scrollHeight <= element.clientHeight + near_px) older();
  }, [first, open.phase]);

  // What a search found is brought into sight, however far back: page by page until it is here.
  const wanted = wanted_entry.value?.contact === open.id ? wanted_entry.value.seq : null;
  useEffect(() => {
    if (wanted === null || entries.length === 0) return;
    const found = scroller.current!.querySelector<HTMLElement>(`[data-seq="${wanted}"]`);
    if (!found && wanted < first && more) return older();
    wanted_entry.value = null;
    if (!found) return;
    at_bottom.current = false;
    found.scrollIntoView({ block: "center" });
    last_top.current = scroller.current!.scrollTop;
    found.focus({ preventScroll: true });
    found.classList.add("found");
  }, [wanted, first, open.phase, is_loading]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const items = [...scroller.current!.querySelectorAll<HTMLElement>("[data-entry]")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : at + (event.key === "ArrowDown" ? 1 : -1);
    items[to]?.focus();
    event.preventDefault();
  };

  let day = "";
  return (
    <div class="timeline-wrap">
      <div class="timeline" ref={scroller} onScroll={onScroll} onKeyDown={onKeyDown} role="log" aria-label={t("timeline.label", { name })}
        tabIndex={0} data-testid="timeline" aria-busy={open.phase === "starting"}>
        {is_loading ? <p class="timeline-note">{t("timeline.loading")}</p> : null}
        {!more && entries.length > 0 ? <p class="timeline-note">{t("timeline.start")}</p> : null}
        {entries.map((entry, i) => {
          const of_day = formatDay(entry.at);
          const separator = of_day !== day;
          day = of_day;
          return (
            <div key={entry.seq} class="entry-slot">
              {separator ? <div class="day"><span>{of_day}</span></div> : null}
              <EntryView entry={entry} name={name} follows={!separator && follows(entries[i - 1], entry)} last={entry.seq === last && on_the_way.length === 0} />
            </div>
          );
        })}
        {on_the_way.map((one) => <OutgoingView key={one.client_id} one={one} />)}
        <Others open={open} name={name} />
      </div>
      {fresh ? (
        <button type="button" class="pill" onClick={() => {
          const element = scroller.current!;
          element.scrollTop = element.scrollHeight;
        }}>{t("timeline.new")}</button>
      ) : null}
    </div>
  );
}

/** One after the other from the same author within three minutes: drawn as one block. */
function follows(before: Entry | undefined, entry: Entry): boolean {
  return before !== undefined && before.kind === entry.kind && entry.kind !== "event" && before.author.id === entry.author.id
    && before.author.kind === entry.author.kind && entry.at - before.at < 180_000;
}

interface EntryProps { entry: Entry; name: string; follows: boolean; last: boolean }

function EntryView({ entry, name, follows, last }: EntryProps): JSX.Element {
  if (entry.kind === "event") {
    const note = closingNote(entry);
    return (
      <div class={`event event-${entry.event}`} data-testid="event" data-event={entry.event} data-seq={entry.seq} tabIndex={-1}>
        <span class="event-text">{describeEvent(entry, name)}</span>
        <time class="event-time" title={formatExact(entry.at)}>{formatTime(entry.at)}</time>
        {note ? <span class="event-note">{note}</span> : null}
      </div>
    );
  }
  if (entry.kind === "comment") {
    return (
      <div class={`message comment ${follows ? "follows" : ""}`} data-entry tabIndex={last ? 0 : -1} data-testid="comment" data-seq={entry.seq}>
        {follows ? null : <span class="message-author"><Icon name="note" size={14} />{t("comment.by", { who: authorName(entry.author, name) })}</span>}
        <div class="bubble"><p class="text">{withMentions(entry.text, entry.mentions ?? [])}</p></div>
        <time class="message-time" title={formatExact(entry.at)}>{formatTime(entry.at)}</time>
      </div>
    );
  }
  return <MessageView entry={entry} name={name} follows={follows} last={last} />;
}

function withMentions(text: string, mentions: readonly string[]): Array<string | JSX.Element> {
  const names = mentions.map((id) => `@${agentName(id)}`).concat(mentions.map((id) => `@${id}`));
  const found = names.filter((one) => text.includes(one)).sort((a, b) => b.length - a.length);
  if (found.length === 0) return [text];
  const pattern = new RegExp(`(${found.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "g");
  return text.split(pattern).map((part) => (found.includes(part) ? <strong class="mention">{part}</strong> : part));
}

function MessageView({ entry, name, follows, last }: EntryProps & { entry: MessageEntry }): JSX.Element {
  const [callout, setCallout] = useState<"above" | "below" | null>(null);
  const element = useRef<HTMLDivElement>(null);
  const out = entry.direction === "out";
  const callout_id = `callout-${entry.seq}`;
  const mine = entry.author.kind === "agent" && entry.author.id === me.value;
  const kind = channels.value.get(entry.channel)?.kind;

  const show = (): void => {
    const box = element.current!.getBoundingClientRect();
    const room = element.current!.closest(".timeline")!.getBoundingClientRect();
    setCallout(box.top - room.top > 190 ? "above" : "below");
  };
  const hide = (): void => setCallout(null);

  return (
    <div ref={element} class={`message ${out ? "out" : "in"} ${follows ? "follows" : ""} ${entry.status === "failed" ? "failed" : ""}`} data-entry
      tabIndex={last ? 0 : -1} data-testid="message" data-seq={entry.seq} data-direction={entry.direction}
      aria-describedby={callout ? callout_id : undefined} onMouseEnter={show} onMouseLeave={hide} onFocus={show} onBlur={hide}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !callout) return;
        event.stopPropagation(); // it closes the call-out, not the conversation
        hide();
      }}>
      {follows ? null : (
        <span class="message-author">
          {kind ? <ChannelIcon kind={kind} /> : null}{mine ? t("you") : authorName(entry.author, name)}
        </span>
      )}
      <div class="bubble">
        <MessageBody entry={entry} />
        <span class="message-meta">
          <time title={formatExact(entry.at)}>{formatTime(entry.at)}</time>
          {out && entry.status ? <StatusIcon status={entry.status} /> : null}
        </span>
      </div>
      {entry.status === "failed" ? <span class="failed-text"><Icon name="warn" size={14} />{platformError(entry) || word("status", "failed")}</span> : null}
      {callout ? <Callout entry={entry} name={name} id={callout_id} side={callout} /> : null}
    </div>
  );
}

export function platformError(entry: MessageEntry): string {
  const failed = entry.statuses?.find((report) => report.status === "failed");
  if (!failed?.error) return "";
  const { code, message } = failed.error;
  return code !== undefined && message ? `${message} (${code})` : (message ?? String(code ?? ""));
}

function Callout({ entry, name, id, side }: { entry: MessageEntry; name: string; id: string; side: "above" | "below" }): JSX.Element {
  const error = platformError(entry);
  const missing = entry.direction === "out" ? unreported(rulesOf(entry.channel)) : null;
  return (
    <div class={`callout callout-${side}`} role="tooltip" id={id} data-testid="callout">
      <dl>
        <dt>{t("callout.sender")}</dt><dd>{entry.author.kind === "agent" ? agentName(entry.author.id) : authorName(entry.author, name)}</dd>
        <dt>{t("callout.channel")}</dt><dd>{channelName(entry.channel)}</dd>
        {entry.direction === "in" ? <><dt>{t("callout.received")}</dt><dd>{formatExact(entry.at)}</dd></> : null}
        {entry.platform_at ? <><dt>{t("callout.written")}</dt><dd>{formatExact(entry.platform_at)}</dd></> : null}
        {(entry.statuses ?? []).map((report) => (
          <div class="callout-status" key={report.status}>
            <dt><StatusIcon status={report.status} /> {word("status", report.status)}</dt><dd>{formatExact(report.at)}</dd>
          </div>
        ))}
      </dl>
      {missing && entry.status !== "failed" ? <p class="callout-note">{t("channel.not_reported", { statuses: missing })}</p> : null}
      {error ? <p class="callout-error">{t("callout.error", { error })}</p> : null}
    </div>
  );
}

function MessageBody({ entry }: { entry: MessageEntry }): JSX.Element {
  return (
    <>
      {(entry.attachments ?? []).map((file, i) => (
        <a class="attachment" key={i} href={safeUrl(file.url)} target="_blank" rel="noopener noreferrer">
          <Icon name="clip" size={18} />
          <span><span class="attachment-name">{file.name || file.url}</span>
            <span class="attachment-meta">{[file.mime_type, file.bytes ? formatBytes(file.bytes) : ""].filter(Boolean).join(" · ") || t("attachment.open")}</span></span>
        </a>
      ))}
      {entry.location ? (
        <p class="location"><Icon name="pin" size={18} /><span>{entry.location.name || t("type.location")}
          <span class="attachment-meta">{entry.location.address ?? `${entry.location.latitude}, ${entry.location.longitude}`}</span></span></p>
      ) : null}
      {entry.type === "template" ? <span class="template-mark">{t("type.template")}</span> : null}
      {entry.text ? <p class="text" dir="auto">{entry.text}</p> : null}
      {entry.type === "template" && !entry.text ? <p class="text">{entry.template?.name ?? ""}</p> : null}
      {entry.type === "unsupported" && !entry.text ? <p class="text muted">{t("type.unsupported")}</p> : null}
    </>
  );
}

/** Links of customers open only as what a browser shows; never as script. */
function safeUrl(url: string): string | undefined {
  return /^https?:\/\//i.test(url) ? url : undefined;
}

function OutgoingView({ one }: { one: Outgoing }): JSX.Element {
  return (
    <div class={`message ${one.kind === "comment" ? "comment" : "out"} ${one.error ? "failed" : "pending"}`} data-testid="outgoing">
      <div class="bubble">
        <p class="text">{one.text || word("type", (one.params as { type?: string }).type ?? "text")}</p>
        <span class="message-meta"><time>{formatTime(one.at)}</time><StatusIcon status={one.error ? "failed" : "pending"} /></span>
      </div>
      {one.error ? (
        <span class="failed-text" role="alert">
          <Icon name="warn" size={14} />{one.error}
          <button type="button" class="link" onClick={() => resend(one)}>{t("outgoing.retry")}</button>
          <button type="button" class="link" onClick={() => discard(one.client_id)}>{t("outgoing.discard")}</button>
        </span>
      ) : null}
    </div>
  );
}

/** Who else has this contact open, and who is writing. */
function Others({ open, name }: { open: OpenContact; name: string }): JSX.Element | null {
  const typing = open.typing.filter((who) => !(who.kind === "agent" && who.id === me.value));
  if (typing.length === 0) return null;
  const names = typing.map((who) => (who.kind === "contact" ? name : agentName(who.id)));
  return <p class="typing" data-testid="typing"><span class="dots" aria-hidden="true"><i /><i /><i /></span>{t("typing", { n: names.length, who: names.join(", ") })}</p>;
}

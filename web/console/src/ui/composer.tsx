// The composer: reply or comment, through which channel, while the window is open or what can be done when it is not.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AgentInfo, Contact, ContactChannel } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { windowOf } from "../lib/channel_window.js";
import { formatDuration, formatMoment, now } from "../lib/format.js";
import { addCanned, canned, own_canned, removeCanned } from "../state/canned.js";
import { sendComment, sendMessage, stopTyping, typed, type OpenContact } from "../state/contact.js";
import { agents, channelName, isPaused, rulesOf } from "../state/directory.js";
import { draftOf, setDraft } from "../state/drafts.js";
import { session } from "../state/session.js";
import { Dialog, Field, IconButton } from "./bits.js";
import { Coverage } from "./channel_rules.js";
import { ChannelIcon, Icon } from "./icons.js";
import { SendDialog } from "./send_dialog.js";

const soon_ms = 2 * 3_600_000;

export const asked_dialog = signal<"attachment" | "location" | "template" | "canned" | null>(null);

export function chosenChannel(contact: Contact, wanted: string | undefined): ContactChannel | undefined {
  return contact.channels.find((c) => c.channel === wanted) ?? contact.channels.find((c) => c.channel === contact.channel) ?? contact.channels[0];
}

export function Composer({ open }: { open: OpenContact }): JSX.Element | null {
  const contact = open.contact;
  const draft = draftOf(open.id);
  const area = useRef<HTMLTextAreaElement>(null);
  const [pick, setPick] = useState(0);
  const [caret, setCaret] = useState(0);
  const [closed_popup, setClosedPopup] = useState("");

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 220)}px`;
  }, [draft.text, open.id, draft.mode]);

  if (!contact) return null;
  const channel = chosenChannel(contact, draft.channel);
  const rules = channel ? rulesOf(channel.channel) : null;
  const window = channel ? windowOf(channel, rules, now.value) : null;
  const comment = draft.mode === "comment";
  const may_send = comment || (!contact.blocked && window !== null && (window.open || window.human_agent));
  const most = session.value?.limits.text_bytes;
  const too_long = most !== undefined && draft.text.length * 3 > most && new TextEncoder().encode(draft.text).length > most;

  const fill = (text: string): string => text.replaceAll("{name}", contact.first_name || contact.name);

  const before = draft.text.slice(0, caret);
  const mention = comment ? /(?:^|\s)@([\p{L}\d._-]*)$/u.exec(before) : null;
  const slash = !comment && may_send ? /^\/([\p{L}\d_-]*)$/u.exec(before) : null;
  const options: Array<{ key: string; label: string; hint: string; insert: string; cut: number }> = mention
    ? matchingAgents(mention[1]!).map((agent) => ({ key: agent.id, label: agent.name, hint: agent.id, insert: `@${agent.name} `, cut: mention[1]!.length + 1 }))
    : slash
      ? canned.value.filter((one) => one.name.startsWith(slash[1]!.toLowerCase())).map((one) => ({ key: one.name, label: `/${one.name}`, hint: one.text, insert: fill(one.text), cut: before.length }))
      : [];
  const popup = options.length > 0 && closed_popup !== before;
  const chosen = Math.min(pick, options.length - 1);

  const insert = (index: number): void => {
    const option = options[index];
    if (!option) return;
    const start = caret - option.cut;
    const text = draft.text.slice(0, start) + option.insert + draft.text.slice(caret);
    setDraft(open.id, { text });
    setPick(0);
    const to = start + option.insert.length;
    setCaret(to);
    queueMicrotask(() => {
      area.current?.focus();
      area.current?.setSelectionRange(to, to);
    });
  };
  const send = (): void => {
    const text = draft.text.trim();
    if (!text || !may_send || too_long) return;
    if (comment) {
      sendComment(open.id, text, [...agents.value.values()].filter((agent) => text.includes(`@${agent.name}`)).map((agent) => agent.id));
    } else {
      sendMessage({
        contact: open.id, text, type: "text", ...(channel ? { channel: channel.channel } : {}), ...(window?.human_agent ? { tag: "human_agent" } : {}),
      });
    }
    stopTyping(open.id);
    setDraft(open.id, { text: "" });
    setCaret(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (popup) {
      const move = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (move !== 0) setPick((chosen + move + options.length) % options.length);
      else if (event.key === "Enter" || event.key === "Tab") insert(chosen);
      else if (event.key === "Escape") setClosedPopup(before);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      area.current?.blur();
    }
  };
  const onInput = (event: JSX.TargetedEvent<HTMLTextAreaElement>): void => {
    setDraft(open.id, { text: event.currentTarget.value });
    setCaret(event.currentTarget.selectionStart);
    setPick(0);
    if (!comment) typed(open.id);
  };

  return (
    <div class={`composer ${comment ? "composer-comment" : ""}`} data-testid="composer">
      <div class="composer-head">
        <div class="tabs" role="group" aria-label={t("composer.mode")}>
          <button type="button" class="tab" aria-pressed={!comment} onClick={() => setDraft(open.id, { mode: "reply" })} data-testid="mode-reply">{t("composer.reply")}</button>
          <button type="button" class="tab" aria-pressed={comment} onClick={() => setDraft(open.id, { mode: "comment" })} data-testid="mode-comment">
            <Icon name="note" size={15} />{t("composer.comment")}
          </button>
        </div>
        {!comment && channel ? (
          <>
            <label class="channel-choice">
              <ChannelIcon kind={channel.kind} size={15} /><span class="sr-only">{t("composer.channel")}</span>
              <select value={channel.channel} onChange={(event) => setDraft(open.id, { channel: event.currentTarget.value })} data-testid="channel-choice">
                {contact.channels.map((one) => <option key={one.channel} value={one.channel}>{channelName(one.channel)}</option>)}
              </select>
            </label>
            {rules ? <Coverage rules={rules} /> : null}
            {window && window.open && window.closes_at !== null ? (
              <span class={`countdown ${window.closes_at - now.value < soon_ms ? "soon" : ""}`} title={`${t("window.closes_in", { time: formatDuration(window.closes_at - now.value) })} (${formatMoment(window.closes_at)})`} data-testid="countdown">
                <Icon name="clock" size={14} /><span aria-hidden="true">{formatDuration(window.closes_at - now.value)}</span><span class="sr-only">{t("window.closes_in", { time: formatDuration(window.closes_at - now.value) })}</span>
              </span>
            ) : null}
          </>
        ) : null}
      </div>
      {!comment && channel && isPaused(channel.channel) ? (
        <p class="paused" role="status" data-testid="channel-paused"><Icon name="pause" size={15} />{t("channel.paused_text", { name: channelName(channel.channel) })}</p>
      ) : null}
      {!may_send ? (
        <div class="closed" role="status" data-testid="window-closed">
          <Icon name="clock" />
          <div>
            <p class="closed-title">{contact.blocked ? t("composer.blocked") : !channel ? t("composer.no_channel") : window?.closes_at ? t("window.closed") : t("window.never_written")}</p>
            {!contact.blocked && channel ? <p>{window?.closes_at ? t("window.closed_text", { when: formatMoment(window.closes_at), kind: word("kind", channel.kind), window: formatDuration(rules?.window_ms || 86_400_000) }) : t("window.never_text", { kind: word("kind", channel.kind) })}</p> : null}
          </div>
          {window?.template && !contact.blocked ? (
            <button type="button" class="button primary" onClick={() => (asked_dialog.value = "template")} data-testid="send-template">{t("composer.template")}</button>
          ) : null}
        </div>
      ) : (
        <div class="composer-box">
          {rules && rules.sends_per_inbound > 0 && !comment ? <p class="human-agent"><Icon name="send" size={14} />{t("channel.per_inbound", { n: rules.sends_per_inbound })}</p> : null}
          {window?.human_agent && !comment ? <p class="human-agent"><Icon name="user" size={14} />{t("window.human_agent")}</p> : null}
          <label class="sr-only" for="composer-text">{comment ? t("composer.comment_label") : t("composer.reply_label")}</label>
          <textarea id="composer-text" ref={area} rows={1} value={draft.text} dir="auto" data-testid="composer-text"
            placeholder={comment ? t("composer.comment_hint") : t("composer.reply_hint")} onInput={onInput} onKeyDown={onKeyDown}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)} onBlur={() => stopTyping(open.id)}
            aria-autocomplete="list" aria-controls="composer-options"
            aria-activedescendant={popup ? `composer-option-${chosen}` : undefined} />
          <div class="composer-tools">
            {comment ? null : (
              <>
                <IconButton icon="clip" label={t("composer.attach")} onClick={() => (asked_dialog.value = "attachment")} testid="attach" />
                <IconButton icon="pin" label={t("composer.location")} onClick={() => (asked_dialog.value = "location")} testid="location" />
                <IconButton icon="lines" label={t("composer.canned")} onClick={() => (asked_dialog.value = "canned")} testid="canned" />
              </>
            )}
            <button type="button" class="button primary send" onClick={send} disabled={draft.text.trim() === "" || too_long} data-testid="send">
              <Icon name={comment ? "note" : "send"} size={17} />{comment ? t("composer.add_comment") : t("composer.send")}
            </button>
          </div>
          {too_long ? <p class="field-error" role="alert">{t("composer.too_long")}</p> : null}
          <div class={`popup ${popup ? "" : "popup-none"}`} id="composer-options" role="listbox" aria-label={mention ? t("composer.mention") : t("composer.canned")}>
            {popup ? options.map((option, i) => (
              <div key={option.key} id={`composer-option-${i}`} role="option" aria-selected={i === chosen} class="popup-option"
                onMouseDown={(event) => {
                  event.preventDefault();
                  insert(i);
                }}>
                <strong>{option.label}</strong><span>{option.hint}</span>
              </div>
            )) : null}
          </div>
        </div>
      )}
      {asked_dialog.value === "canned" ? <CannedDialog draft={draft.text} use={(text) => setDraft(open.id, { text: fill(text) })} />
        : asked_dialog.value ? <SendDialog what={asked_dialog.value} contact={open.id} channel={channel?.channel} human_agent={window?.human_agent ?? false} close={() => (asked_dialog.value = null)} /> : null}
    </div>
  );
}

function matchingAgents(typed_name: string): AgentInfo[] {
  const wanted = typed_name.toLocaleLowerCase();
  return [...agents.value.values()].filter((agent) => agent.id.toLowerCase().startsWith(wanted) || agent.name.toLocaleLowerCase().split(/\s+/).some((part) => part.startsWith(wanted))).slice(0, 6);
}

/** The canned texts: use one, add one, remove one's own. */
function CannedDialog({ draft, use }: { draft: string; use: (text: string) => void }): JSX.Element {
  const [name, setName] = useState("");
  const [text, setText] = useState(draft);
  const own = new Set(own_canned.value.map((one) => one.name));
  const close = (): void => void (asked_dialog.value = null);
  const good = /^[\p{L}\d_-]+$/u.test(name.trim()) && text.trim() !== "";
  return (
    <Dialog title={t("composer.canned")} onClose={close} testid="canned-dialog">
      <ul class="canned">
        {canned.value.map((one) => (
          <li key={one.name}>
            <button type="button" class="pick" onClick={() => {
              use(one.text);
              close();
            }}><strong>/{one.name}</strong><span class="muted">{one.text}</span></button>
            {own.has(one.name) ? <IconButton icon="close" label={t("canned.remove", { name: one.name })} onClick={() => removeCanned(one.name)} /> : null}
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (!good) return;
        addCanned({ name: name.trim().toLowerCase(), text: text.trim() });
        setName("");
        setText("");
      }}>
        <Field label={t("canned.name")} hint={t("canned.name_hint")}>{(id) => <input id={id} value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
        <Field label={t("canned.text")} hint={t("canned.text_hint")}>{(id) => <textarea id={id} rows={3} value={text} onInput={(e) => setText(e.currentTarget.value)} />}</Field>
        <footer class="dialog-foot"><button type="submit" class="button primary" disabled={!good}>{t("canned.add")}</button></footer>
      </form>
    </Dialog>
  );
}

// The details of the open contact: seen and edited in place, each value on its own.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { InboxError, type Contact, type ContactDetails, type FieldInfo, type Priority } from "@inboxd/client";
import { number, t, word } from "../i18n/index.js";
import { windowOf } from "../lib/channel_window.js";
import { countryName, formatDuration, formatExact, formatMoment, languageName, now } from "../lib/format.js";
import { addTag, removeTag, setPriority } from "../state/actions.js";
import { open_contact } from "../state/contact.js";
import { agentName, channelName, fields, isPaused, rulesOf, teamName } from "../state/directory.js";
import { details_open } from "../state/prefs.js";
import { inbox } from "../state/session.js";
import { explain } from "../state/toasts.js";
import { Avatar, IconButton } from "./bits.js";
import { RulesText } from "./channel_rules.js";
import { ChannelIcon, Icon } from "./icons.js";
import { PastConversations } from "./past.js";

const priorities: readonly Priority[] = ["none", "low", "medium", "high", "urgent"];

type Check = (text: string) => string | null;
const checks: Record<string, Check> = {
  email: (text) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? null : t("check.email")),
  phone: (text) => (/^\+?[\d\s().-]{4,24}$/.test(text) ? null : t("check.phone")),
  url: (text) => (/^https?:\/\/\S+$/i.test(text) ? null : t("check.url")),
  number: (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? null : t("check.number")),
  country: (text) => (/^[a-z]{2}$/i.test(text) ? null : t("check.country")),
  language: (text) => (/^[a-z]{2,3}(-[\w]+)*$/i.test(text) ? null : t("check.language")),
};

const set = (contact: string, change: ContactDetails): Promise<unknown> => inbox().call("contact.update", { contact, set: change });

export function Details(): JSX.Element | null {
  const contact = open_contact.value?.contact;
  if (!contact || !details_open.value) return null;
  const text = (key: "first_name" | "last_name" | "phone" | "email" | "language" | "country" | "lifecycle", check?: Check, show?: (v: string) => string): JSX.Element => (
    <Editable key={key} id={contact.id} label={word("field", key)} value={contact[key] ?? null} check={check} show={show} testid={`detail-${key}`}
      save={(value) => set(contact.id, { [key]: value } as ContactDetails)} />
  );
  return (
    <aside class="details" aria-label={t("details.label")} data-testid="details">
      <header class="details-head">
        <h2>{t("details.label")}</h2>
        <IconButton icon="close" label={t("close")} onClick={() => (details_open.value = false)} />
      </header>
      <div class="details-body" tabIndex={0} role="region" aria-label={t("details.label")}>
        <div class="details-who"><Avatar id={contact.id} name={contact.name} size="l" /><p class="details-name">{contact.name || t("contact.nameless")}</p>
          <p class="muted">{contact.assignee ? agentName(contact.assignee) : t("nobody")}{contact.team ? ` · ${teamName(contact.team)}` : ""}</p></div>
        <section>
          <h3>{t("details.identity")}</h3>
          {text("first_name")}{text("last_name")}
          {text("phone", checks.phone)}{text("email", checks.email)}
          {text("language", checks.language, languageName)}{text("country", checks.country, countryName)}
          {text("lifecycle")}
        </section>
        <section>
          <h3>{t("details.priority")}</h3>
          <div class="segments" role="group" aria-label={t("details.priority")}>
            {priorities.map((level) => (
              <button type="button" key={level} class={`segment priority-${level}`} aria-pressed={contact.priority === level} data-testid={`priority-${level}`}
                onClick={() => void setPriority(contact.id, level)}>{word("priority", level)}</button>
            ))}
          </div>
        </section>
        <Tags contact={contact} />
        {fields.value.length > 0 ? (
          <section><h3>{t("details.fields")}</h3>{fields.value.map((field) => <CustomField key={field.id} contact={contact} field={field} />)}</section>
        ) : null}
        <section>
          <h3>{t("details.channels")}</h3>
          <ul class="channels">{contact.channels.map((one) => {
            const rules = rulesOf(one.channel);
            const window = windowOf(one, rules, now.value);
            return (
              <li key={`${one.channel} ${one.external_id}`}>
                <span class={`channel-mark kind-${one.kind}`}><ChannelIcon kind={one.kind} size={15} /></span>
                <span class="channel-text"><span>{channelName(one.channel)}{isPaused(one.channel) ? <span class="chip chip-paused"><Icon name="pause" size={11} />{t("channel.paused")}</span> : null}</span>
                  <span class="muted">{one.external_id}</span></span>
                <span class={`window ${window.open ? "window-open" : "window-closed"}`} title={window.closes_at ? formatExact(window.closes_at) : undefined}>
                  {window.open
                    ? window.closes_at ? formatDuration(window.closes_at - now.value) : t("window.always")
                    : window.closes_at ? t("window.closed_short") : t("window.not_yet")}
                </span>
                {rules ? <RulesText rules={rules} /> : null}
              </li>
            );
          })}</ul>
        </section>
        <section>
          <h3>{t("details.conversation")}</h3>
          <dl class="facts">
            <dt>{t("fact.number")}</dt><dd>{number(contact.conversation.number)}</dd>
            <dt>{t("fact.opened")}</dt><dd>{formatMoment(contact.conversation.opened_at)}</dd>
            {contact.conversation.first_response_at ? <><dt>{t("fact.first_response")}</dt><dd>{formatDuration(contact.conversation.first_response_at - contact.conversation.opened_at)}</dd></> : null}
            {contact.conversation.done_at ? <><dt>{t("fact.done")}</dt><dd>{formatMoment(contact.conversation.done_at)}</dd></> : null}
            {contact.waiting_since ? <><dt>{t("fact.waiting")}</dt><dd>{formatDuration(now.value - contact.waiting_since)}</dd></> : null}
            <dt>{t("fact.created")}</dt><dd>{formatMoment(contact.created_at)}</dd>
            <dt>{t("fact.entries")}</dt><dd>{number(contact.last_seq)}</dd>
          </dl>
        </section>
        <PastConversations contact={contact} />
      </div>
    </aside>
  );
}

interface EditableProps {
  id: string;
  label: string;
  value: string | null;
  check?: Check | undefined;
  show?: ((value: string) => string) | undefined;
  save: (value: string | null) => Promise<unknown>;
  options?: readonly string[];
  type?: string;
  testid?: string;
}

/** A value that turns into an input when it is pressed. Enter keeps, Escape gives up; leaving it keeps what is good. */
function Editable({ id, label, value, check, show, save, options, type = "text", testid }: EditableProps): JSX.Element {
  const [editing, setEditing] = useState(false);
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement & HTMLSelectElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => setEditing(false), [id]);
  useEffect(() => {
    if (editing) input.current?.focus();
  }, [editing]);

  const stop = (): void => {
    setEditing(false);
    setError(null);
    queueMicrotask(() => button.current?.focus({ preventScroll: true }));
  };
  const keep = async (): Promise<void> => {
    const next = text.trim();
    if (next === (value ?? "")) return stop();
    const wrong = next === "" ? null : (check?.(next) ?? null);
    if (wrong) return setError(wrong);
    setBusy(true);
    try {
      await save(next === "" ? null : next);
      stop();
    } catch (refusal) {
      setError(refusal instanceof InboxError && refusal.reason === "invalid_params" ? refusal.message : explain(refusal));
    } finally {
      setBusy(false);
    }
  };
  if (!editing) {
    return (
      <div class="detail">
        <button ref={button} type="button" class="detail-button" data-testid={testid} onClick={() => {
          setText(value ?? "");
          setEditing(true);
        }}>
          <span class="detail-label">{label}</span>
          <span class={`detail-value ${value ? "" : "detail-empty"}`}>{value ? (show?.(value) ?? value) : t("details.add")}</span>
          <Icon name="edit" size={14} />
        </button>
      </div>
    );
  }
  const control = {
    ref: input, value: text, disabled: busy, "aria-label": label, "aria-invalid": error !== null,
    onBlur: () => void keep(),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter") void keep();
      else if (event.key === "Escape") {
        event.stopPropagation();
        stop();
      }
    },
  };
  return (
    <div class="detail detail-editing">
      <span class="detail-label" aria-hidden="true">{label}</span>
      {options
        ? <select {...control} onChange={(event) => setText(event.currentTarget.value)}><option value="">—</option>{options.map((one) => <option key={one}>{one}</option>)}</select>
        : <input {...control} type={type} onInput={(event) => setText(event.currentTarget.value)} data-testid={testid ? `${testid}-input` : undefined} />}
      {error ? <p class="field-error" role="alert">{error}</p> : null}
    </div>
  );
}

function CustomField({ contact, field }: { contact: Contact; field: FieldInfo }): JSX.Element {
  const value = contact.fields?.[field.id];
  const save = (parsed: unknown): Promise<unknown> => set(contact.id, { fields: { [field.id]: parsed } });
  if (field.type === "bool") {
    return (
      <label class="check detail-check"><input type="checkbox" checked={value === true} onChange={(event) => void save(event.currentTarget.checked).catch(() => undefined)} />{field.name}</label>
    );
  }
  const shown = value === undefined || value === null ? null : Array.isArray(value) ? value.join(", ") : field.type === "date" && typeof value === "number" ? new Date(value).toISOString().slice(0, 10) : String(value);
  const parse = (text: string | null): unknown => {
    if (text === null) return null;
    if (field.type === "number") return Number(text);
    if (field.type === "list") return text.split(",").map((one) => one.trim()).filter(Boolean);
    if (field.type === "date") return new Date(text).getTime();
    return text;
  };
  const type = field.type === "date" ? "date" : field.type === "number" ? "number" : "text";
  return (
    <Editable id={contact.id} label={field.name} value={shown} check={checks[field.type]} type={type}
      {...(field.options?.length && field.type !== "list" ? { options: field.options } : {})} save={(text) => save(parse(text))} />
  );
}

function Tags({ contact }: { contact: Contact }): JSX.Element {
  const [text, setText] = useState("");
  return (
    <section>
      <h3>{t("details.tags")}</h3>
      <div class="tags">
        {contact.tags.map((tag) => (
          <span class="tag" key={tag} data-testid="tag">{tag}
            <button type="button" aria-label={t("tags.remove", { tag })} onClick={() => void removeTag(contact.id, tag)}><Icon name="close" size={12} /></button></span>
        ))}
        <form class="tag-form" onSubmit={(event) => {
          event.preventDefault();
          const tag = text.trim();
          if (tag) void addTag(contact.id, tag);
          setText("");
        }}>
          <input aria-label={t("tags.add")} placeholder={t("tags.add")} value={text} onInput={(event) => setText(event.currentTarget.value)} data-testid="tag-input" />
        </form>
      </div>
    </section>
  );
}

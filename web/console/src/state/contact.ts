// The open contact: its subscription, what is being sent, what was written but not sent, and who else is there.
import { computed, effect, signal, untracked } from "@preact/signals";
import {
  empty_contact, InboxError, randomId, type ContactState, type ContactSubscription, type InboxClient, type MessageParams, type SubscriptionPhase,
} from "@inboxd/client";
import { engineNow } from "../lib/format.js";
import { onFrame } from "../lib/frame.js";
import { openContact, place } from "./router.js";
import { client, connection, inbox, me } from "./session.js";
import { explain } from "./toasts.js";

export interface OpenContact extends ContactState {
  id: string;
  phase: SubscriptionPhase;
  ended: ContactSubscription["ended"];
  error: InboxError | null;
}

export const open_contact = signal<OpenContact | null>(null);
let subscription: ContactSubscription | null = null;

/** A message or comment on its way: shown at once, replaced by the real entry when that comes. */
export interface Outgoing {
  client_id: string;
  contact: string;
  kind: "message" | "comment";
  at: number;
  text: string;
  params: MessageParams | { contact: string; text: string; mentions: string[]; client_id: string };
  error: string | null;
}
export const outgoing = signal<readonly Outgoing[]>([]);

/** Those of the open contact that are not in its timeline yet. */
export const waiting = computed<readonly Outgoing[]>(() => {
  const open = open_contact.value;
  if (!open) return [];
  const real = new Set<string>();
  for (const entry of open.entries.slice(-60)) {
    if ("client_id" in entry && entry.client_id && entry.author.id === me.value) real.add(entry.client_id);
  }
  return outgoing.value.filter((one) => one.contact === open.id && !real.has(one.client_id));
});

export function sendMessage(params: Omit<MessageParams, "client_id">): void {
  const client_id = randomId();
  submit({
    client_id, contact: params.contact, kind: "message", at: engineNow(), text: params.text ?? "", params: { ...params, client_id }, error: null,
  });
}

export function sendComment(contact: string, text: string, mentions: string[]): void {
  const client_id = randomId();
  submit({ client_id, contact, kind: "comment", at: engineNow(), text, params: { contact, text, mentions, client_id }, error: null });
}

/** Sends again what was refused or lost, under the same id: if it arrived after all, it is not sent twice. */
export const resend = (one: Outgoing): void => submit({ ...one, error: null, at: engineNow() });
export const discard = (client_id: string): void => {
  outgoing.value = outgoing.value.filter((one) => one.client_id !== client_id);
};

function submit(one: Outgoing): void {
  outgoing.value = [...outgoing.value.filter((other) => other.client_id !== one.client_id), one];
  const call = one.kind === "message"
    ? inbox().call("message.send", one.params as MessageParams)
    : inbox().call("comment.add", one.params as { contact: string; text: string; mentions: string[]; client_id: string });
  call.then(
    // The reply may come before the delta: keep the bubble until the entry is in the timeline, or the contact was left.
    () => {
      const open = open_contact.peek();
      if (!open || open.id !== one.contact) discard(one.client_id);
      else setTimeout(() => discard(one.client_id), 3_000);
    },
    (error: unknown) => {
      outgoing.value = outgoing.value.map((other) => (other.client_id === one.client_id ? { ...other, error: explain(error) } : other));
    },
  );
}

/** An entry to bring into sight when the contact's history has it: what a search found. */
export const wanted_entry = signal<{ contact: string; seq: number } | null>(null);
export function openEntry(contact: string, seq: number): void {
  wanted_entry.value = { contact, seq };
  openContact(contact);
}

export const loadOlder = (): Promise<void> => subscription?.loadOlder(50) ?? Promise.resolve();

// ---- reading ------------------------------------------------------------------------------------------------------

let read_up_to = 0;

/** What is on screen in a visible page is read. The engine ignores it from anybody but who should answer (R11). */
export function markRead(): void {
  const open = open_contact.peek();
  if (!open?.contact || document.hidden || open.phase !== "live" || open.contact.unread === 0) return;
  const last = open.contact.last_seq;
  if (last <= read_up_to) return;
  read_up_to = last;
  inbox().call("contact.read", { contact: open.id, up_to_seq: last }).catch(() => undefined);
}
/** After "mark unread" the same entries must not be read at once again. */
export const holdRead = (): void => {
  read_up_to = open_contact.peek()?.contact?.last_seq ?? 0;
};

// ---- presence on the contact --------------------------------------------------------------------------------------

let typing_since = 0;
let typing_timer: ReturnType<typeof setTimeout> | undefined;
const typing_ms = 4_000;

export function typed(contact: string): void {
  const at = Date.now();
  clearTimeout(typing_timer);
  typing_timer = setTimeout(() => stopTyping(contact), typing_ms);
  if (at - typing_since < typing_ms / 2) return;
  typing_since = at;
  client.peek()?.call("typing.set", { contact, on: true }).catch(() => undefined);
}

export function stopTyping(contact: string): void {
  clearTimeout(typing_timer);
  if (typing_since === 0) return;
  typing_since = 0;
  client.peek()?.call("typing.set", { contact, on: false }).catch(() => undefined);
}

// ---- following the address ----------------------------------------------------------------------------------------

function follow(from: InboxClient, id: string): () => void {
  read_up_to = 0;
  const mine = from.contact(id);
  subscription = mine;
  const publish = (): void => {
    if (subscription !== mine) return;
    if (mine.ended?.reason === "merged" && mine.ended.contact) {
      openContact(mine.ended.contact);
      return;
    }
    open_contact.value = { ...mine.state, id, phase: mine.phase, ended: mine.ended, error: mine.error };
  };
  open_contact.value = { ...empty_contact, id, phase: "starting", ended: null, error: null };
  mine.onChange(() => onFrame("contact", publish));
  const viewing = (on: boolean): void => void from.call("viewing.set", { contact: id, on }).catch(() => undefined);
  const stop = effect(() => {
    // The engine forgets who looks on when the line breaks.
    if (connection.value.phase === "online") viewing(true);
  });
  return () => {
    stop();
    stopTyping(id);
    viewing(false);
    subscription = null;
    mine.close();
  };
}

export function followContact(): void {
  const id = computed(() => place.value.contact);
  let leave: (() => void) | null = null;
  effect(() => {
    const from = client.value;
    const next = id.value;
    untracked(() => {
      leave?.();
      leave = null;
      if (from && next !== null) leave = follow(from, next);
      else open_contact.value = null;
    });
  });
  document.addEventListener("visibilitychange", markRead);
}

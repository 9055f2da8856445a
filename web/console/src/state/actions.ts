// What a user does to a contact: each is one command; a refusal is shown, and what can be undone says how.
import type { Priority } from "@inboxd/client";
import { t } from "../i18n/index.js";
import { formatMoment } from "../lib/format.js";
import { agentOrMe, teamName } from "./directory.js";
import { holdRead } from "./contact.js";
import { inbox, me } from "./session.js";
import { attempt, toast } from "./toasts.js";

export async function assign(contact: string, assignee: string | null, team: string | null = null): Promise<void> {
  const done = await attempt(inbox().call("contact.assign", { contact, assignee, ...(team === null ? {} : { team }) }));
  if (!done) return;
  toast("info", assignee ? t("done.assigned", { who: agentOrMe(assignee) }) : team ? t("done.assigned", { who: teamName(team) }) : t("done.unassigned"));
}
export const take = (contact: string, team: string | null): Promise<void> => assign(contact, me.value, team);

export async function markDone(contact: string, note?: { category: string; summary: string }): Promise<void> {
  const done = await attempt(inbox().call("contact.done", { contact, ...(note ? { note } : {}) }));
  if (done) toast("info", t("done.done"), { label: t("action.reopen"), run: () => void reopen(contact) });
}

export const reopen = (contact: string): Promise<unknown> => attempt(inbox().call("contact.reopen", { contact }));

export async function snooze(contact: string, until: number, wake_on_inbound: boolean): Promise<void> {
  const done = await attempt(inbox().call("contact.snooze", { contact, until, wake_on_inbound }));
  if (done) toast("info", t("done.snoozed", { when: formatMoment(until) }), { label: t("action.wake"), run: () => void wake(contact) });
}
export const wake = (contact: string): Promise<unknown> => attempt(inbox().call("contact.wake", { contact }));

export async function block(contact: string): Promise<void> {
  const done = await attempt(inbox().call("contact.block", { contact }));
  if (done) toast("info", t("done.blocked"), { label: t("action.unblock"), run: () => void unblock(contact) });
}
export const unblock = (contact: string): Promise<unknown> => attempt(inbox().call("contact.unblock", { contact }));

export async function markUnread(contact: string): Promise<void> {
  holdRead();
  await attempt(inbox().call("contact.unread", { contact }));
}

export async function merge(contact: string, from: string): Promise<boolean> {
  const done = await attempt(inbox().call("contact.merge", { contact, from }));
  if (done) toast("info", t("done.merged"));
  return done !== null;
}

export const setPriority = (contact: string, priority: Priority): Promise<unknown> =>
  attempt(inbox().call("contact.update", { contact, set: { priority } }));
export const addTag = (contact: string, tag: string): Promise<unknown> => attempt(inbox().call("contact.update", { contact, tags_add: [tag] }));
export const removeTag = (contact: string, tag: string): Promise<unknown> => attempt(inbox().call("contact.update", { contact, tags_remove: [tag] }));

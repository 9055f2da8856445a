// The words for what happened to a contact: one line an event.
import type { Author, ContactChannel, EventEntry, MessageEntry } from "@inboxd/client";
import { has, t, word } from "../i18n/index.js";
import { agentName, agentOrMe, channelName, fields, teamName } from "../state/directory.js";
import { formatList, formatMoment } from "./format.js";

/** `plain` names also the reader by name: a sentence about what was done reads right in every language only so. */
export function authorName(author: Author, contact_name: string, plain = false): string {
  switch (author.kind) {
    case "contact": return contact_name;
    case "agent": return plain ? agentName(author.id) : agentOrMe(author.id ?? "");
    case "system": return t("author.system");
    default: return author.id ?? word("author", author.kind);
  }
}

interface Assignment { assignee?: string | null; team?: string | null }

function assignedTo(value: unknown): string {
  const { assignee, team } = (value ?? {}) as Assignment;
  if (assignee && team) return `${agentName(assignee)} (${teamName(team)})`;
  return assignee ? agentName(assignee) : team ? teamName(team) : t("nobody");
}

function fieldName(key: string): string {
  if (has(`field.${key}`)) return word("field", key);
  return fields.value.find((f) => f.id === key || `fields.${f.id}` === key)?.name ?? key;
}

/** Says what the event did, who did it or what caused it. */
export function describeEvent(entry: EventEntry, contact_name: string): string {
  const who = authorName(entry.author, contact_name, true);
  const data = entry.data ?? {};
  const by_hand = entry.author.kind !== "system" && entry.author.kind !== "contact";
  const name = entry.event;
  const values: Record<string, string> = { who };
  if (name === "assigned") values.to = assignedTo(data.to);
  if (name === "unassigned") values.from = assignedTo(data.from);
  if (name === "snoozed" && typeof data.to === "number") values.when = formatMoment(data.to);
  if (name === "updated") {
    const to = (data.to ?? data) as Record<string, unknown>;
    const custom = Object.keys((to.fields ?? {}) as object);
    values.fields = formatList([...Object.keys(to).filter((key) => !["from", "to", "fields"].includes(key)), ...custom].map(fieldName));
  }
  if (name === "channel_added") values.channel = typeof data.channel === "string" ? channelName(data.channel) : "";
  if (name === "tagged") {
    const added = (data.added as string[] | undefined) ?? [];
    const removed = (data.removed as string[] | undefined) ?? [];
    const parts = [
      added.length > 0 ? t("event.tags_added", { who, tags: formatList(added) }) : "",
      removed.length > 0 ? t("event.tags_removed", { who, tags: formatList(removed) }) : "",
    ].filter(Boolean);
    return parts.join(" · ");
  }
  if (name === "assigned" && by_hand && entry.cause === "manual" && values.to === who) return t("event.taken", values);
  const by_cause = `event.${name}.${entry.cause}`;
  if (has(by_cause)) return t(by_cause, values);
  return has(`event.${name}`) ? t(`event.${name}` as "event.done", values) : name;
}

/** What a closing note said, if one was left. */
export function closingNote(entry: EventEntry): string {
  const note = (entry.data?.note ?? null) as { category?: string; summary?: string } | null;
  return note ? [note.category, note.summary].filter(Boolean).join(" · ") : "";
}

export const channelOf = (channels: readonly ContactChannel[], id: string): ContactChannel | undefined => channels.find((c) => c.channel === id);

/** Words for a message without text. */
export function messageSummary(entry: MessageEntry): string {
  return entry.text || word("type", entry.type);
}

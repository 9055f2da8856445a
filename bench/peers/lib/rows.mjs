// The row of a contact, in the shape of PROTOCOL.md.

export const previewOf = (text) => Array.from(text.replace(/\s+/g, " ").trim()).slice(0, 120).join("");

export function rowOf(contact) {
  return {
    id: contact.id, version: contact.version, name: contact.externalId, channel: contact.channel, channel_kind: "webchat",
    status: "open", assignee: contact.assignee, team: null, snoozed_until: null, unread: contact.unread, priority: "none", tags: [],
    blocked: false, waiting_since: contact.waitingSince, sort_at: contact.sortAt,
    last_message: { seq: contact.lastSeq, at: contact.sortAt, direction: "in", type: "text", preview: contact.preview, status: null },
  };
}

// The row of a contact, in the shape of PROTOCOL.md.

/** The first 120 code points, white space as single spaces. */
export function previewOf(text) {
  const plain = text.replace(/\s+/g, " ").trim();
  const start = plain.slice(0, 240);
  return /[\ud800-\udfff]/.test(start) ? Array.from(start).slice(0, 120).join("") : start.slice(0, 120);
}

export function rowOf(contact) {
  return {
    id: contact.id, version: contact.version, name: contact.externalId, channel: contact.channel, channel_kind: "webchat",
    status: "open", assignee: contact.assignee, team: null, snoozed_until: null, unread: contact.unread, priority: "none", tags: [],
    blocked: false, waiting_since: contact.waitingSince, sort_at: contact.sortAt,
    last_message: { seq: contact.lastSeq, at: contact.sortAt, direction: "in", type: "text", preview: contact.preview, status: null },
  };
}

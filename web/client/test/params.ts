// The parameter names of every method, and the members of what is returned and pushed, as the types have them: this compiles only while the two agree, and the suite
// against the engine compares it with the engine's OpenRPC document.
import type {
  AgentInfo, ChannelInfo, ChannelRules, Contact, Counters, Delivery, Entry, FieldInfo, Load, Method, Params, Push, Row, TeamInfo, Throughput, ViewInfo,
} from "../src/index.js";

type AllKeys<T> = T extends unknown ? keyof T : never;
type None = Record<string, never>;
type NamesOf<P> = [P] extends [None] ? None : string extends AllKeys<P> ? null : { [K in AllKeys<P>]-?: true };
type Names = { [M in Method]: NamesOf<Params<M>> };

const details = { first_name: true, last_name: true, phone: true, email: true, language: true, country: true, avatar: true, priority: true, lifecycle: true, fields: true } as const;
const on_contact = { contact: true, expect_version: true } as const;

/** null: the parameters are the engine's policies, by name. */
export const param_names: Names = {
  "session.open": { token: true },
  "session.refresh": { token: true },
  "contact.create": { ...details, channels: true, tags: true },
  "contact.get": { contact: true },
  "contact.update": { ...on_contact, set: true, tags_add: true, tags_remove: true, channels_add: true },
  "contact.assign": { ...on_contact, assignee: true, team: true },
  "contact.done": { ...on_contact, note: true },
  "contact.reopen": on_contact,
  "contact.snooze": { ...on_contact, until: true, wake_on_inbound: true },
  "contact.wake": on_contact,
  "contact.read": { ...on_contact, up_to_seq: true },
  "contact.unread": on_contact,
  "contact.block": on_contact,
  "contact.unblock": on_contact,
  "contact.merge": { ...on_contact, from: true },
  "message.send": {
    contact: true, channel: true, type: true, text: true, attachments: true, location: true, template: true, tag: true, client_id: true,
    expect_seq: true, expect_version: true,
  },
  "comment.add": { ...on_contact, text: true, mentions: true, client_id: true },
  "timeline.page": { contact: true, before_seq: true, limit: true },
  "search": { query: true, scope: true, view: true, limit: true, cursor: true },
  "view.list": {},
  "view.create": { view: true, name: true, filter: true, sort: true, visibility: true },
  "view.update": { view: true, name: true, filter: true, sort: true, visibility: true },
  "view.delete": { view: true },
  "agent.list": {},
  "team.list": {},
  "channel.list": {},
  "field.list": {},
  "presence.set": { status: true },
  "typing.set": { contact: true, on: true },
  "viewing.set": { contact: true, on: true },
  "agent.put": { id: true, name: true, email: true, role: true, visibility: true, teams: true },
  "agent.remove": { id: true },
  "team.put": { id: true, name: true },
  "channel.put": { id: true, kind: true, name: true, window_ms: true, statuses: true, rate: true, customer_rate: true, retry: true, paused: true, origins: true },
  "channel.pause": { channel: true },
  "channel.resume": { channel: true },
  "field.put": { id: true, name: true, type: true, options: true },
  "policy.get": {},
  "policy.set": null,
  "inbound.receive": { external_id: true, provider_id: true, at: true, type: true, text: true, attachments: true, location: true, template: true, profile: true },
  "inbound.status": { provider_id: true, contact: true, seq: true, status: true, at: true, error: true },
  "inbound.typing": { external_id: true, on: true },
  "outbox.subscribe": { after: true, in_flight: true },
  "outbox.sent": { contact: true, seq: true, provider_id: true },
  "outbox.failed": { contact: true, seq: true, retry: true, retry_after_ms: true, error: true },
  "view.subscribe": { view: true, sort: true, after: true, limit: true, resume: true },
  "view.window": { sub: true, after: true, limit: true },
  "counters.subscribe": { views: true },
  "workload.subscribe": {},
  "contact.subscribe": { contact: true, limit: true, resume: true },
  "notifications.subscribe": {},
  "agents.subscribe": {},
  "unsubscribe": { sub: true },
  "rpc.discover": {},
};

interface Shapes {
  Row: Row; Contact: Contact; Entry: Entry; Counters: Counters; Load: Load; Delivery: Delivery; View: ViewInfo; Agent: AgentInfo; Team: TeamInfo;
  Channel: ChannelInfo; ChannelRules: ChannelRules; Throughput: Throughput; Field: FieldInfo;
}
type Members = { [S in keyof Shapes]: { [K in AllKeys<Shapes[S]>]-?: true } };

const row = {
  id: true, version: true, name: true, channel: true, channel_kind: true, status: true, assignee: true, team: true, snoozed_until: true, unread: true,
  priority: true, tags: true, blocked: true, waiting_since: true, sort_at: true, last_message: true,
} as const;

/** By the name of their schema. */
export const members: Members = {
  Row: row,
  Contact: {
    ...row, first_name: true, last_name: true, phone: true, email: true, language: true, country: true, avatar: true, lifecycle: true, fields: true,
    channels: true, conversation: true, last_seq: true, read_seq: true, created_at: true,
  },
  Entry: {
    contact: true, seq: true, offset: true, at: true, author: true, kind: true, direction: true, channel: true, type: true, text: true, attachments: true,
    location: true, template: true, status: true, statuses: true, client_id: true, provider_id: true, platform_at: true, tag: true, mentions: true,
    event: true, cause: true, data: true,
  },
  Counters: { contacts: true, unread_contacts: true, unread_messages: true },
  Load: { contacts: true, unread_contacts: true, unread_messages: true, snoozed: true, waiting: true, waiting_since: true },
  Delivery: { contact: true, seq: true, external_id: true, attempts: true, entry: true },
  View: { view: true, name: true, kind: true, filter: true, sort: true, counters: true, visibility: true, owner: true },
  Agent: { id: true, name: true, email: true, role: true, visibility: true, teams: true, status: true },
  Team: { id: true, name: true },
  Channel: {
    id: true, kind: true, name: true, window_ms: true, statuses: true, rate: true, customer_rate: true, retry: true, paused: true, origins: true, rules: true,
  },
  ChannelRules: { window_ms: true, tagged_window_ms: true, templates: true, must_have_written: true, sends_per_inbound: true, statuses: true },
  Throughput: { count: true, per_ms: true, burst: true },
  Field: { id: true, name: true, type: true, options: true },
};

export const push_names: Record<Push, true> = {
  "view.delta": true, "view.reset": true, "view.progress": true, "counters.delta": true, "counters.reset": true, "workload.delta": true,
  "workload.reset": true, "contact.delta": true, "contact.presence": true, notification: true, "agents.delta": true, "directory.delta": true,
  "outbox.deliver": true, "subscription.ended": true,
};

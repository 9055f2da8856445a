// The shapes of `inbox.v1.json` as types: what docs/PROTOCOL.md fixes, nothing else. No code here, save the
// list of parameter names that the tests compare with the engine's OpenRPC document.

/** Milliseconds since 1970, UTC. */
export type Millis = number;
/** A position in the engine's total order of committed changes. */
export type Offset = number;

export type Role = "agent" | "manager" | "admin";
export type PrincipalKind = "agent" | "connector" | "service";
export type ContactStatus = "open" | "done";
export type Priority = "none" | "low" | "medium" | "high" | "urgent";
export type ChannelKind =
  | "whatsapp" | "messenger" | "instagram" | "telegram" | "line" | "viber"
  | "wechat" | "sms" | "email" | "webchat" | "custom";
export type MessageStatus = "pending" | "failed" | "sent" | "delivered" | "read";
export type MessageType = "text" | "attachment" | "location" | "template" | "unsupported";
export type PresenceStatus = "online" | "busy" | "offline";
export type Sort = "newest" | "oldest" | "longest_waiting" | "unread_first" | "priority";
export type Visibility = "private" | "team" | "workspace";

export interface SessionInfo {
  session: string;
  workspace: string;
  principal: { kind: PrincipalKind; id: string; role: Role; channel?: string | null };
  epoch: string;
  offset: Offset;
  server: { name: string; version: string; time: Millis };
  limits: Record<string, number>;
}

export interface LastMessage {
  seq: number;
  at: Millis;
  direction: "in" | "out";
  type: MessageType;
  preview: string;
  status?: MessageStatus | null;
}

/** What a contact list shows of one contact. */
export interface Row {
  id: string;
  version: number;
  name: string;
  channel?: string | null;
  channel_kind?: ChannelKind | null;
  status: ContactStatus;
  assignee?: string | null;
  team?: string | null;
  snoozed_until?: Millis | null;
  unread: number;
  priority: Priority;
  tags: string[];
  blocked: boolean;
  waiting_since?: Millis | null;
  sort_at: Millis;
  last_message?: LastMessage | null;
}

export interface ContactChannel {
  channel: string;
  kind: ChannelKind;
  external_id: string;
  last_inbound_at?: Millis | null;
  window: { open: boolean; closes_at?: Millis | null };
}

export interface Contact extends Row {
  first_name?: string | null;
  last_name?: string | null;
  phone?: string | null;
  email?: string | null;
  language?: string | null;
  country?: string | null;
  avatar?: string | null;
  lifecycle?: string | null;
  fields: Record<string, unknown>;
  channels: ContactChannel[];
  conversation: {
    number: number;
    opened_at: Millis;
    first_response_at?: Millis | null;
    done_at?: Millis | null;
  };
  last_seq: number;
  read_seq: number;
  created_at: Millis;
}

export interface Author {
  kind: "contact" | "agent" | "service" | "connector" | "system";
  id?: string | null;
}

export interface StatusReport {
  status: MessageStatus;
  at: Millis;
  error?: { code?: string | number; message?: string } | null;
}

export interface Attachment {
  url: string;
  name?: string | null;
  mime_type?: string | null;
  bytes?: number | null;
}

export interface Location {
  latitude: number;
  longitude: number;
  name?: string | null;
  address?: string | null;
}

/** A message that the platform has approved beforehand. */
export interface Template {
  name: string;
  language?: string | null;
  parameters?: string[] | null;
}

interface EntryBase {
  contact: string;
  seq: number;
  /** Offset of this entry's last change, statuses included. */
  offset: Offset;
  at: Millis;
  author: Author;
}

export interface MessageEntry extends EntryBase {
  kind: "message";
  direction: "in" | "out";
  channel: string;
  type: MessageType;
  text?: string | null;
  attachments?: Attachment[] | null;
  location?: Location | null;
  template?: Template | null;
  status?: MessageStatus | null;
  statuses?: StatusReport[] | null;
  client_id?: string | null;
  provider_id?: string | null;
  platform_at?: Millis | null;
  tag?: string | null;
}

export interface CommentEntry extends EntryBase {
  kind: "comment";
  text: string;
  mentions?: string[] | null;
  client_id?: string | null;
}

export type EventName =
  | "opened" | "reopened" | "done" | "assigned" | "unassigned" | "snoozed" | "woke" | "updated"
  | "tagged" | "blocked" | "unblocked" | "merged" | "channel_added";
export type EventCause = "manual" | "inbound" | "reply" | "done" | "timer" | "policy" | "merge";

export interface EventEntry extends EntryBase {
  kind: "event";
  event: EventName;
  cause: EventCause;
  data?: Record<string, unknown> | null;
}

export type Entry = MessageEntry | CommentEntry | EventEntry;

export interface Counters {
  contacts: number;
  unread_contacts: number;
  unread_messages: number;
}

/** What lies on one desk: an agent's, a team's, a channel's. */
export interface Load {
  /** Open and not snoozed, as in `mine`, `unassigned` and `team:<id>`. */
  contacts: number;
  unread_contacts: number;
  unread_messages: number;
  /** Open, and put off until later. */
  snoozed: number;
  /** Contacts that wait for an answer, snoozed or not. */
  waiting: number;
  /** Since when the one does that waits longest. */
  waiting_since?: Millis | null;
}
/** Groups without contacts are left out. */
export interface Workload {
  total: Load;
  unassigned: Load;
  agents?: Record<string, Load>;
  teams?: Record<string, Load>;
  channels?: Record<string, Load>;
}
/** What changed of it, null for a group that is empty now, and the messages since the last delta. */
export interface WorkloadChanges {
  total?: Load;
  unassigned?: Load;
  agents?: Record<string, Load | null>;
  teams?: Record<string, Load | null>;
  channels?: Record<string, Load | null>;
  messages?: { in: number; out: number };
}

export type FilterOp =
  | "eq" | "ne" | "in" | "not_in" | "exists" | "not_exists" | "contains" | "starts_with" | "gt" | "lt"
  | "between" | "has_any" | "has_all" | "has_none" | "older_than" | "newer_than";
export type Filter =
  | { all: Filter[] }
  | { any: Filter[] }
  | { not: Filter }
  | { field: string; op: FilterOp; value?: unknown };

export interface ViewInfo {
  view: string;
  name: string;
  kind: string;
  filter?: Filter | null;
  sort: Sort;
  counters?: Counters | null;
  visibility?: Visibility | null;
  /** Of a custom view: who made it. */
  owner?: { kind: PrincipalKind; id: string } | null;
}

export interface AgentInfo {
  id: string;
  name: string;
  email?: string | null;
  role: Role;
  visibility?: string | null;
  teams?: string[] | null;
  status?: PresenceStatus | null;
}
export interface TeamInfo { id: string; name: string }
export interface ChannelInfo {
  id: string;
  kind: ChannelKind;
  name: string;
  window_ms?: number | null;
  statuses?: MessageStatus[] | null;
  rate?: Throughput;
  customer_rate?: Throughput;
  retry?: Redelivery;
  paused?: boolean;
  /** Present: the engine serves this webchat itself. */
  origins?: string[];
  /** What goes for the channel: its kind's row, with what the record overrides. */
  rules?: ChannelRules;
}
/** So many messages in so long, and so many at once after a silence. */
export interface Throughput { count: number; per_ms: number; burst?: number }
export interface Redelivery { attempts?: number; delay_ms?: number; delay_max_ms?: number; ack_timeout_ms?: number }
export interface ChannelRules {
  window_ms: number;
  tagged_window_ms: number;
  templates: boolean;
  must_have_written: boolean;
  sends_per_inbound: number;
  statuses: MessageStatus[];
}
export interface FieldInfo {
  id: string;
  name: string;
  type: "text" | "number" | "bool" | "date" | "list" | "url" | "email" | "phone";
  options?: string[] | null;
}

export type Cursor = unknown;
export type ViewOp =
  | { op: "put"; row: Row; before?: string | null }
  | { op: "del"; id: string };

export interface Changed { offset: Offset; version: number }
export interface Resume { epoch: string; offset: Offset }
type OnContact<Extra = unknown> = { contact: string; expect_version?: number } & Extra;

export interface ContactDetails {
  first_name?: string | null;
  last_name?: string | null;
  phone?: string | null;
  email?: string | null;
  language?: string | null;
  country?: string | null;
  avatar?: string | null;
  priority?: Priority | null;
  lifecycle?: string | null;
  fields?: Record<string, unknown> | null;
}
export interface ChannelIdentity { channel: string; external_id: string }

export interface MessageParams {
  contact: string;
  channel?: string;
  type?: MessageType;
  text?: string;
  attachments?: Attachment[];
  location?: Location;
  template?: Template;
  tag?: string;
  /** Made by the client when absent, so that a retry never sends twice. */
  client_id?: string;
  expect_seq?: number;
  expect_version?: number;
}

/** A text of a hit in pieces, plain and matched by turns, the first plain; they are text, not HTML. */
export interface Highlight { field: string; parts: string[] }
export interface Hit { contact: Row; entry?: MessageEntry | CommentEntry | null; highlight: Highlight[] }
/** `behind`: commits after `offset` that were not searched yet. `partial`: the index is being made or catches up, `progress` 0 to 1. */
export interface SearchResult { hits: Hit[]; cursor: Cursor | null; offset: Offset; behind: number; partial: boolean; progress?: number }
export type SearchScope = "contacts" | "messages" | "comments";

export interface ViewSnapshot {
  sub: string;
  epoch: string;
  offset: Offset;
  recovered?: boolean;
  rows?: Row[];
  ops?: ViewOp[];
  counters: Counters;
  more: boolean;
  cursor?: Cursor;
}
export interface ContactSnapshot {
  sub: string;
  epoch: string;
  offset: Offset;
  recovered?: boolean;
  contact: Contact;
  entries: Entry[];
  more?: boolean;
}
export interface Delivery {
  contact: string;
  seq: number;
  external_id: string;
  /** That failed before, if any did. */
  attempts?: number;
  entry: MessageEntry;
}

/** Every method: what it takes and what it returns. */
export interface MethodMap {
  "session.open": { params: { token: string }; result: SessionInfo };
  "session.refresh": { params: { token: string }; result: { expires_at?: Millis } };

  "contact.create": { params: ContactDetails & { channels?: ChannelIdentity[]; tags?: string[] }; result: Changed & { contact: Contact } };
  "contact.get": { params: { contact: string }; result: { contact: Contact; offset: Offset } };
  "contact.update": {
    params: OnContact<{ set?: ContactDetails; tags_add?: string[]; tags_remove?: string[]; channels_add?: ChannelIdentity[] }>;
    result: Changed & { contact: Contact };
  };
  "contact.assign": { params: OnContact<{ assignee: string | null; team?: string | null }>; result: Changed };
  "contact.done": { params: OnContact<{ note?: { category?: string; summary?: string } }>; result: Changed };
  "contact.reopen": { params: OnContact; result: Changed };
  "contact.snooze": { params: OnContact<{ until: Millis; wake_on_inbound?: boolean }>; result: Changed };
  "contact.wake": { params: OnContact; result: Changed };
  "contact.read": { params: OnContact<{ up_to_seq?: number }>; result: Changed };
  "contact.unread": { params: OnContact; result: Changed };
  "contact.block": { params: OnContact; result: Changed };
  "contact.unblock": { params: OnContact; result: Changed };
  "contact.merge": { params: OnContact<{ from: string }>; result: Changed };

  "message.send": { params: MessageParams; result: Changed & { entry: MessageEntry; duplicate?: boolean } };
  "comment.add": {
    params: OnContact<{ text: string; mentions?: string[]; client_id?: string }>;
    result: Changed & { entry: CommentEntry; duplicate?: boolean };
  };
  "timeline.page": {
    params: { contact: string; before_seq?: number; limit?: number };
    result: { entries: Entry[]; more: boolean; offset?: Offset };
  };
  "search": {
    params: { query: string; scope?: SearchScope[]; view?: string; limit?: number; cursor?: Cursor };
    result: SearchResult;
  };

  "view.list": { params: Record<string, never>; result: { views: ViewInfo[] } };
  "view.create": {
    params: { view?: string; name: string; filter: Filter; sort?: Sort; visibility: Visibility };
    result: { view: string; offset: Offset };
  };
  "view.update": {
    params: { view: string; name?: string; filter?: Filter; sort?: Sort; visibility?: Visibility };
    result: { offset: Offset };
  };
  "view.delete": { params: { view: string }; result: { offset: Offset } };

  "agent.list": { params: Record<string, never>; result: { agents: AgentInfo[] } };
  "team.list": { params: Record<string, never>; result: { teams: TeamInfo[] } };
  "channel.list": { params: Record<string, never>; result: { channels: ChannelInfo[] } };
  "field.list": { params: Record<string, never>; result: { fields: FieldInfo[] } };
  "presence.set": { params: { status: PresenceStatus }; result: Record<string, unknown> };
  "typing.set": { params: { contact: string; on: boolean }; result: Record<string, unknown> };
  "viewing.set": { params: { contact: string; on: boolean }; result: Record<string, unknown> };

  "agent.put": {
    params: { id: string; name: string; email?: string; role: Role; visibility?: "all" | "team" | "assigned"; teams?: string[] };
    result: { agent: AgentInfo; offset: Offset };
  };
  "agent.remove": { params: { id: string }; result: { offset: Offset } };
  "team.put": { params: { id: string; name: string }; result: { team: TeamInfo; offset: Offset } };
  "channel.put": {
    params: {
      id: string; kind: ChannelKind; name: string; window_ms?: number; statuses?: MessageStatus[];
      rate?: Throughput; customer_rate?: Throughput; retry?: Redelivery; paused?: boolean; origins?: string[];
    };
    result: { channel: ChannelInfo; offset: Offset };
  };
  "channel.pause": { params: { channel: string }; result: { channel: ChannelInfo; offset: Offset } };
  "channel.resume": { params: { channel: string }; result: { channel: ChannelInfo; offset: Offset } };
  "field.put": {
    params: { id: string; name: string; type: FieldInfo["type"]; options?: string[] };
    result: { field: FieldInfo; offset: Offset };
  };
  "policy.get": { params: Record<string, never>; result: { policy: Record<string, unknown> } };
  "policy.set": { params: Record<string, unknown>; result: { policy: Record<string, unknown>; offset: Offset } };

  "inbound.receive": {
    params: {
      external_id: string;
      provider_id: string;
      at?: Millis;
      type: MessageType;
      text?: string;
      attachments?: Attachment[];
      location?: Location;
      template?: Template;
      profile?: Pick<ContactDetails, "first_name" | "last_name" | "phone" | "email" | "language" | "avatar">;
    };
    result: { contact: string; seq: number; offset: Offset; duplicate: boolean };
  };
  "inbound.status": {
    params: { provider_id?: string; contact?: string; seq?: number; status: MessageStatus; at?: Millis; error?: { code: string; message: string } };
    result: { offset: Offset };
  };
  "inbound.typing": { params: { external_id: string; on: boolean }; result: Record<string, unknown> };
  "outbox.failed": {
    params: { contact: string; seq: number; retry?: boolean; retry_after_ms?: number; error?: { code: string; message: string } };
    result: { offset: Offset; retry_at?: Millis | null; attempts?: number };
  };
  "outbox.subscribe": { params: { after?: Offset; in_flight?: number }; result: { sub: string; epoch: string; offset: Offset; deliveries: Delivery[] } };
  "outbox.sent": { params: { contact: string; seq: number; provider_id: string }; result: { offset: Offset } };

  "view.subscribe": {
    params: { view: string; sort?: Sort; after?: Cursor; limit?: number; resume?: Resume };
    result: ViewSnapshot;
  };
  "view.window": {
    params: { sub: string; after?: Cursor; limit?: number };
    result: { deltas?: number; offset: Offset; rows: Row[]; counters: Counters; more: boolean; cursor?: Cursor };
  };
  "counters.subscribe": {
    params: { views?: string[] };
    result: { sub: string; epoch: string; offset: Offset; counters: Record<string, Counters> };
  };
  "workload.subscribe": {
    params: Record<string, never>;
    result: { sub: string; epoch: string; offset: Offset; workload: Workload };
  };
  "contact.subscribe": { params: { contact: string; limit?: number; resume?: Resume }; result: ContactSnapshot };
  "notifications.subscribe": { params: Record<string, never>; result: { sub: string } };
  "agents.subscribe": { params: Record<string, never>; result: { sub: string; agents: AgentPresence[] } };
  "unsubscribe": { params: { sub: string }; result: Record<string, never> };
  "rpc.discover": { params: Record<string, never>; result: Record<string, unknown> };
}

export type Method = keyof MethodMap;
export type Params<M extends Method> = MethodMap[M]["params"];
export type Result<M extends Method> = MethodMap[M]["result"];

/** How far a list or a view's counters are built: contacts looked at, of how many. */
export interface BuildProgress { done: number; total: number }
export interface AgentPresence { id: string; status: PresenceStatus }
export interface Notification {
  kind: "assigned" | "mention" | "inbound";
  contact: string;
  seq: number;
  at: Millis;
}
export interface Typing { kind: "agent" | "contact"; id: string }

/** What the engine sends unasked: the method, and its params. */
export interface DirectoryChanges { agents?: AgentInfo[]; agents_removed?: string[]; teams?: TeamInfo[]; channels?: ChannelInfo[]; fields?: FieldInfo[] }

export interface PushMap {
  "view.delta": { sub: string; offset: Offset; ops: ViewOp[]; counters?: Counters; more?: boolean; cursor?: Cursor };
  "view.reset": { sub: string; offset: Offset; rows: Row[]; counters: Counters; more: boolean; cursor?: Cursor };
  "counters.delta": { sub: string; offset: Offset; counters: Record<string, Counters | null> };
  "counters.reset": { sub: string; offset: Offset; counters: Record<string, Counters> };
  /** A list (or, for its owner, a view's counters) is being built: so many contacts looked at, of so many. */
  "view.progress": { sub: string; view: string } & BuildProgress;
  "workload.delta": { sub: string; offset: Offset; workload: WorkloadChanges };
  "workload.reset": { sub: string; offset: Offset; workload: Workload & Pick<WorkloadChanges, "messages"> };
  "contact.delta": { sub: string; offset: Offset; contact?: Contact; entries?: Entry[] };
  "contact.presence": { sub: string; viewers: string[]; typing: Typing[] };
  "notification": Notification & { sub: string };
  "agents.delta": { sub: string; agents: AgentPresence[] };
  /** To those who subscribe to agents: whole records, new or changed, as the lists give them. */
  "directory.delta": { sub: string; offset: Offset } & DirectoryChanges;
  "outbox.deliver": { sub: string; deliveries: Delivery[] };
  "subscription.ended": { sub: string; reason: "forbidden" | "deleted" | "merged"; contact?: string };
}
export type Push = keyof PushMap;

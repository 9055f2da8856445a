// The pure part: how a snapshot and the deltas after it become the state at an offset. No sockets, no clock; nothing
// given in is changed, so that a caller may keep any state it was handed.
import type {
  Contact, Counters, Cursor, Entry, Load, Offset, Row, Typing, ViewOp, Workload, WorkloadChanges,
} from "./protocol.js";

/** A delta that cannot be true of the list it is for: the client must ask for a new snapshot. */
export class FoldError extends Error {
  override readonly name = "FoldError";
}

/** Applies ops in order, each on the list that the former left. */
export function foldOps(rows: readonly Row[], ops: readonly ViewOp[]): Row[] {
  const list = rows.slice();
  for (const op of ops) {
    if (op.op === "del") {
      const at = indexOf(list, op.id);
      if (at < 0) throw new FoldError(`del of ${op.id}, which is not in the list`);
      list.splice(at, 1);
    } else if (op.op === "put") {
      const at = indexOf(list, op.row.id);
      if (at >= 0) list.splice(at, 1);
      if (op.before === null || op.before === undefined) {
        list.push(op.row);
      } else {
        const to = indexOf(list, op.before);
        if (to < 0) throw new FoldError(`put of ${op.row.id} before ${op.before}, which is not in the list`);
        list.splice(to, 0, op.row);
      }
    }
  }
  return list;
}

function indexOf(rows: readonly Row[], id: string): number {
  for (let i = 0; i < rows.length; ++i) if (rows[i]!.id === id) return i;
  return -1;
}

export interface ViewState {
  readonly rows: readonly Row[];
  readonly counters: Counters;
  /** True when the view has rows after the window. */
  readonly more: boolean;
  /** Names the position of the window's last row; give it as `after` to see what follows. */
  readonly cursor: Cursor;
  readonly offset: Offset;
}

export const no_counters: Counters = { contacts: 0, unread_contacts: 0, unread_messages: 0 };
export const empty_view: ViewState = { rows: [], counters: no_counters, more: false, cursor: null, offset: 0 };

export interface ViewDelta {
  offset: Offset;
  ops: readonly ViewOp[];
  counters?: Counters | null;
  more?: boolean | null;
  cursor?: Cursor;
}

/** One `view.delta`, or the tail that a recovered resume carries. */
export function foldView(state: ViewState, delta: ViewDelta): ViewState {
  return {
    rows: delta.ops.length > 0 ? foldOps(state.rows, delta.ops) : state.rows,
    counters: delta.counters ?? state.counters,
    more: delta.more ?? state.more,
    cursor: "cursor" in delta ? (delta.cursor ?? null) : state.cursor,
    offset: delta.offset,
  };
}

export type CountersState = Readonly<Record<string, Counters>>;

/** One `counters.delta`: only what changed; null for a view that is gone. */
export function foldCounters(state: CountersState, changed: Record<string, Counters | null>): CountersState {
  return foldGroups(state, changed);
}

function foldGroups<T>(state: Readonly<Record<string, T>>, changed: Record<string, T | null> | undefined): Readonly<Record<string, T>> {
  if (changed === undefined) return state;
  const next: Record<string, T> = { ...state };
  for (const [id, value] of Object.entries(changed)) {
    if (value === null) delete next[id];
    else next[id] = value;
  }
  return next;
}

export interface WorkloadState {
  readonly total: Load;
  readonly unassigned: Load;
  /** By id; who has no contacts is not there. */
  readonly agents: Readonly<Record<string, Load>>;
  readonly teams: Readonly<Record<string, Load>>;
  readonly channels: Readonly<Record<string, Load>>;
  /** Messages that came in and went out since this began to be followed; what a time without line brought is not in it. */
  readonly messages: { readonly in: number; readonly out: number };
}

export const no_load: Load = { contacts: 0, unread_contacts: 0, unread_messages: 0, snoozed: 0, waiting: 0, waiting_since: null };
export const empty_workload: WorkloadState = {
  total: no_load, unassigned: no_load, agents: {}, teams: {}, channels: {}, messages: { in: 0, out: 0 },
};

/** The groups of a snapshot; messages go on being counted. */
export function replaceWorkload(state: WorkloadState, { total, unassigned, agents, teams, channels }: Workload): WorkloadState {
  return { total, unassigned, agents: agents ?? {}, teams: teams ?? {}, channels: channels ?? {}, messages: state.messages };
}

/** One `workload.reset`: every group, and the messages since the subscription's answer, which came after `before`. */
export function resetWorkload(before: WorkloadState["messages"], workload: Workload & Pick<WorkloadChanges, "messages">): WorkloadState {
  return foldWorkload({ ...empty_workload, messages: before }, workload);
}

/** One `workload.delta`. */
export function foldWorkload(state: WorkloadState, changes: WorkloadChanges): WorkloadState {
  return {
    total: changes.total ?? state.total,
    unassigned: changes.unassigned ?? state.unassigned,
    agents: foldGroups(state.agents, changes.agents),
    teams: foldGroups(state.teams, changes.teams),
    channels: foldGroups(state.channels, changes.channels),
    messages: changes.messages
      ? { in: state.messages.in + changes.messages.in, out: state.messages.out + changes.messages.out } : state.messages,
  };
}

export interface ContactState {
  readonly contact: Contact | null;
  /** Ascending by seq, without a gap, up to the last entry. */
  readonly entries: readonly Entry[];
  /** True when the timeline has entries before the first one here. */
  readonly more: boolean;
  readonly viewers: readonly string[];
  readonly typing: readonly Typing[];
  readonly offset: Offset;
}

export const empty_contact: ContactState = {
  contact: null, entries: [], more: false, viewers: [], typing: [], offset: 0,
};

/**
 * Puts changed entries where they belong. Of two forms of one entry the one with the greater offset stays. Entries
 * before the first one held are left out (`older` gets them): they belong to a page that is not loaded.
 */
export function foldEntries(held: readonly Entry[], changed: readonly Entry[], older?: Entry[]): readonly Entry[] {
  if (changed.length === 0) return held;
  const list = held.slice();
  for (const entry of [...changed].sort((a, b) => a.seq - b.seq)) {
    const first = list[0]?.seq;
    if (first === undefined) {
      list.push(entry);
      continue;
    }
    const at = entry.seq - first;
    if (at < 0) {
      older?.push(entry);
    } else if (at < list.length) {
      if (entry.offset >= list[at]!.offset) list[at] = entry;
    } else if (at === list.length) {
      list.push(entry);
    } else {
      throw new FoldError(`entry ${entry.seq} after ${first + list.length - 1}: the timeline has a gap`);
    }
  }
  return list;
}

/** One `contact.delta`. */
export function foldContact(
  state: ContactState,
  delta: { offset: Offset; contact?: Contact | null; entries?: readonly Entry[] | null },
  older?: Entry[],
): ContactState {
  return {
    ...state,
    contact: delta.contact ?? state.contact,
    entries: foldEntries(state.entries, delta.entries ?? [], older),
    offset: delta.offset,
  };
}

/** A page of older history before what is held; `late` holds changes to those entries that came while it was on its way. */
export function foldOlder(state: ContactState, page: { entries: readonly Entry[]; more: boolean }, late: readonly Entry[]): ContactState {
  const first = state.entries[0]?.seq ?? Number.MAX_SAFE_INTEGER;
  const before = page.entries.filter((entry) => entry.seq < first);
  const last = before[before.length - 1];
  if (last && state.entries.length > 0 && last.seq !== first - 1) {
    throw new FoldError(`a page that ends at ${last.seq} does not meet ${first}`);
  }
  const merged = [...before, ...state.entries];
  const from = merged[0]?.seq ?? 0;
  return { ...state, entries: foldEntries(merged, late.filter((entry) => entry.seq >= from)), more: page.more };
}

// Subscriptions: each asks for a snapshot when the line is up, folds what follows into plain state, and asks for what it
// missed (or for all) when the line was down. States are never changed in place: keep or compare them as you like.
import { InboxError } from "./errors.js";
import {
  empty_contact, empty_view, empty_workload, FoldError, foldContact, foldCounters, foldOlder, foldView, foldWorkload, replaceWorkload, resetWorkload,
  type ContactState, type CountersState, type ViewState, type WorkloadState,
} from "./fold.js";
import type {
  AgentPresence, BuildProgress, ContactSnapshot, Cursor, Delivery, DirectoryChanges, Entry, Method, Notification, Offset, Params, Push, PushMap,
  Result, Row, Sort, ViewSnapshot,
} from "./protocol.js";

export type SubscriptionPhase =
  /** Waiting for its first snapshot. */
  | "starting"
  /** Up to date with the engine. */
  | "live"
  /** Shows what was true before the line broke. */
  | "stale"
  /** Over: see `error` or `ended`. */
  | "ended";

export interface Ended { reason: "forbidden" | "deleted" | "merged" | "refused" | "closed"; contact?: string }

/** What a subscription needs of the client; the client alone implements it. */
export interface Line {
  readonly online: boolean;
  /** Calls `done` in the same turn in which the reply was read, so that no push can come between. */
  ask<M extends Method>(method: M, params: Params<M>, done: (error: InboxError | null, result: Result<M>) => void): void;
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  route(sub: string, to: AnySubscription): void;
  unroute(sub: string): void;
  drop(subscription: AnySubscription): void;
  /** A delta did not fit its list: a fault of the engine or of this library. */
  desynced(subscription: AnySubscription, error: Error): void;
  later(ms: number, then: () => void): () => void;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnySubscription = Subscription<any, any>;
type Snapshot<M extends Method> = Result<M> & { sub: string };

export abstract class Subscription<State, M extends Method = Method> {
  phase: SubscriptionPhase = "starting";
  error: InboxError | null = null;
  ended: Ended | null = null;
  /** Resolves with the first snapshot; rejects if the engine refuses the subscription. */
  readonly ready: Promise<void>;

  protected sub: string | null = null;
  private listeners = new Set<(state: State) => void>();
  private settle!: { resolve: () => void; reject: (error: InboxError) => void };
  private restarts = 0;
  private cancel_retry: (() => void) | null = null;

  constructor(
    protected readonly line: Line,
    private current: State,
  ) {
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.ready.catch(() => undefined); // also told by phase and error; nobody has to await it
  }

  get state(): State {
    return this.current;
  }

  /** Calls back after each change of state or phase. Returns what ends that. */
  onChange(listener: (state: State) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    if (this.phase === "ended") return;
    const sub = this.sub;
    this.end({ reason: "closed" }, null);
    if (sub !== null && this.line.online) this.line.ask("unsubscribe", { sub }, () => undefined);
  }

  protected abstract request(): { method: M; params: Params<M> };
  protected abstract snapshot(result: Result<M>): State;
  protected abstract fold<P extends Push>(method: P, params: PushMap[P]): State;
  /** Called when this goes from stale to live, or the other way. */
  protected changedPhase(): void {}

  protected set(state: State): void {
    this.current = state;
    this.tell();
  }

  /** For the client: the line is up. */
  start(): void {
    if (this.phase === "ended") return;
    this.cancel_retry?.();
    const { method, params } = this.request();
    this.line.ask(method, params, (error, result) => {
      if (this.phase === "ended") {
        if (!error) this.line.ask("unsubscribe", { sub: (result as Snapshot<M>).sub }, () => undefined);
        return;
      }
      if (error) this.refused(error);
      else this.begun(result as Snapshot<M>);
    });
  }

  /** For the client: the line is down. */
  lost(): void {
    if (this.phase === "ended") return;
    this.cancel_retry?.();
    this.sub = null;
    if (this.phase === "live") {
      this.phase = "stale";
      this.changedPhase();
      this.tell();
    }
  }

  /** For the client: a push that names this subscription. */
  push<P extends Push>(method: P, params: PushMap[P]): void {
    if (method === "subscription.ended") {
      const { reason, contact } = params as PushMap["subscription.ended"];
      if (reason === "merged" && contact !== undefined && this.isOf(contact)) {
        this.beginAnew();
        return;
      }
      this.end(contact === undefined ? { reason } : { reason, contact }, null);
      return;
    }
    try {
      this.set(this.fold(method, params));
    } catch (error) {
      if (!(error instanceof FoldError)) throw error;
      this.resync(error);
    }
  }

  /** For the client: the progress of a build that somebody waits for, whose subscription has no answer yet. */
  awaited(_progress: PushMap["view.progress"]): void {}

  protected end(ended: Ended, error: InboxError | null): void {
    if (this.sub !== null) this.line.unroute(this.sub);
    this.cancel_retry?.();
    this.sub = null;
    this.phase = "ended";
    this.ended = ended;
    this.error = error;
    this.settle.reject(error ?? InboxError.local("closed", `the subscription ended: ${ended.reason}`, false));
    this.line.drop(this);
    this.changedPhase();
    this.tell();
  }

  /** True if this subscription is to that contact: then a merge into it ends nothing. */
  protected isOf(_contact: string): boolean {
    return false;
  }

  /** The engine has ended it because more changed than it tells: at once again, without a resume. */
  private beginAnew(): void {
    if (this.sub !== null) this.line.unroute(this.sub);
    this.lost();
    this.forget();
    this.start();
  }

  /** Starts again without a resume. */
  private resync(error: Error): void {
    this.line.desynced(this, error);
    const sub = this.sub;
    this.lost();
    this.forget();
    if (sub !== null) {
      this.line.unroute(sub);
      this.line.ask("unsubscribe", { sub }, () => undefined);
    }
    this.again(Math.min(10_000, 100 * 2 ** this.restarts++));
  }

  /** Gives up what a resume would build on. */
  protected forget(): void {}

  private begun(result: Snapshot<M>): void {
    let state: State;
    this.sub = result.sub;
    this.line.route(result.sub, this);
    try {
      state = this.snapshot(result);
    } catch (error) {
      if (!(error instanceof FoldError)) throw error;
      this.resync(error);
      return;
    }
    this.phase = "live";
    this.settle.resolve();
    this.current = state;
    this.changedPhase();
    this.tell();
  }

  protected refused(error: InboxError): void {
    if (error.reason === "connection_lost") return; // the client starts it again
    if (error.reason === "unavailable" || error.reason === "rate_limited") this.again(error.retryAfterMs ?? 1000);
    else this.end({ reason: "refused" }, error);
  }

  private again(after_ms: number): void {
    this.cancel_retry = this.line.later(after_ms, () => {
      if (this.line.online) this.start();
    });
  }

  private tell(): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(this.current);
      } catch (error) {
        // A listener's fault is not the client's: let the runtime report it, and go on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function inOrder(next: Offset, held: Offset): void {
  if (next <= held) throw new FoldError(`offset ${next} after ${held}`);
}

export interface ViewWindow {
  /** The window begins after this position; null: at the top. */
  after?: Cursor;
  /** Rows in the window, 1 to 200. */
  limit?: number;
}

/** A live list: the first `limit` rows of a view after a position, in the engine's order. */
export class ViewSubscription extends Subscription<ViewState, "view.subscribe"> {
  private wanted: { after: Cursor; limit: number };
  private applied: { after: Cursor; limit: number } | null = null;
  private epoch: string | null = null;
  private moving = false;
  private built: BuildProgress | null = null;
  private waiting: Array<{ resolve: () => void; reject: (error: InboxError) => void }> = [];

  constructor(line: Line, readonly view: string, readonly sort: Sort | undefined, window: ViewWindow) {
    super(line, empty_view);
    this.wanted = { after: window.after ?? null, limit: window.limit ?? 50 };
  }

  /** Where the rows of `state` begin. */
  get window(): { after: Cursor; limit: number } {
    return this.applied ?? this.wanted;
  }

  /** While the engine builds the list, which takes it a while over many contacts: how far it is. Else null. */
  get progress(): BuildProgress | null {
    return this.built;
  }

  /** Moves or grows the window. Of several calls in a row the last one counts. */
  setWindow(window: ViewWindow): Promise<void> {
    this.wanted = { after: window.after ?? null, limit: window.limit ?? this.wanted.limit };
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.move();
    });
  }

  protected request() {
    const resume = this.epoch !== null && this.applied !== null && same(this.applied, this.wanted)
      ? { epoch: this.epoch, offset: this.state.offset } : undefined;
    this.applied = resume ? this.applied : null;
    const { after, limit } = this.wanted;
    this.asked = { after, limit };
    return {
      method: "view.subscribe" as const,
      params: {
        view: this.view, limit,
        ...(this.sort === undefined ? {} : { sort: this.sort }),
        ...(after === null ? {} : { after }),
        ...(resume ? { resume } : {}),
      },
    };
  }
  private asked: { after: Cursor; limit: number } = { after: null, limit: 50 };

  /** A cursor is of one order: when its view's sort was changed meanwhile, the list begins at its top. */
  protected override refused(error: InboxError): void {
    if (error.field !== "after" || this.wanted.after === null) return super.refused(error);
    this.wanted = { ...this.wanted, after: null };
    this.forget();
    this.start();
  }

  override awaited({ view, done, total }: PushMap["view.progress"]): void {
    if (this.phase === "ended" || this.sub !== null || view !== this.view) return;
    this.built = { done, total };
    this.set(this.state);
  }

  protected snapshot(result: ViewSnapshot): ViewState {
    this.built = null;
    this.applied = this.asked;
    this.epoch = result.epoch;
    if (result.recovered && result.ops) {
      return foldView(this.state, { ...result, ops: result.ops, cursor: result.cursor ?? null });
    }
    return replace(result);
  }

  protected fold<P extends Push>(method: P, params: PushMap[P]): ViewState {
    if (method === "view.progress") {
      const { done, total } = params as PushMap["view.progress"];
      this.built = { done, total };
      return this.state;
    }
    if (method === "view.delta") {
      const delta = params as PushMap["view.delta"];
      inOrder(delta.offset, this.state.offset);
      return foldView(this.state, delta);
    }
    if (method === "view.reset") return replace(params as PushMap["view.reset"]);
    return this.state;
  }

  protected override forget(): void {
    this.epoch = null;
    this.applied = null;
  }

  protected override changedPhase(): void {
    if (this.phase !== "starting") this.built = null;
    if (this.phase === "live") this.move();
    else if (this.phase === "ended") this.answer(this.error ?? InboxError.local("closed", "the subscription ended", false));
  }

  private move(): void {
    if (this.phase === "ended") return this.answer(InboxError.local("closed", "the subscription ended", false));
    if (this.sub === null || this.moving) return;
    if (this.applied !== null && same(this.applied, this.wanted)) return this.answer(null);
    const sub = this.sub;
    const asked = { ...this.wanted };
    this.moving = true;
    this.line.ask("view.window", { sub, limit: asked.limit, after: asked.after }, (error, result) => {
      this.moving = false;
      this.built = null;
      if (this.phase === "ended" || this.sub !== sub) return this.move();
      if (error) {
        this.wanted = { ...this.window };
        return this.answer(error);
      }
      this.applied = asked;
      this.set(replace(result));
      this.move();
    });
  }

  private answer(error: InboxError | null): void {
    for (const { resolve, reject } of this.waiting.splice(0)) error ? reject(error) : resolve();
  }
}

function same(a: { after: Cursor; limit: number }, b: { after: Cursor; limit: number }): boolean {
  return a.limit === b.limit && JSON.stringify(a.after) === JSON.stringify(b.after);
}

function replace(from: { offset: Offset; rows?: Row[]; counters: ViewState["counters"]; more: boolean; cursor?: Cursor }): ViewState {
  return { rows: from.rows ?? [], counters: from.counters, more: from.more, cursor: from.cursor ?? null, offset: from.offset };
}

/** The counters of some views, or of all that the caller may see. */
export class CountersSubscription extends Subscription<CountersState, "counters.subscribe"> {
  private built: Readonly<Record<string, BuildProgress>> = {};

  constructor(line: Line, private readonly views: string[] | undefined) {
    super(line, {});
  }

  /** The views of one's own whose contacts are being counted for the first time, and how far that is. */
  get progress(): Readonly<Record<string, BuildProgress>> {
    return this.built;
  }

  protected request() {
    return { method: "counters.subscribe" as const, params: this.views ? { views: this.views } : {} };
  }
  protected snapshot(result: Result<"counters.subscribe">): CountersState {
    this.built = {};
    return result.counters;
  }
  protected fold<P extends Push>(method: P, params: PushMap[P]): CountersState {
    if (method === "view.progress") {
      const { view, done, total } = params as PushMap["view.progress"];
      this.built = { ...this.built, [view]: { done, total } };
      return this.state;
    }
    if (method !== "counters.delta" && method !== "counters.reset") return this.state;
    const { counters } = params as PushMap["counters.delta"];
    // Counted: its numbers are the word that it is over.
    this.built = Object.fromEntries(Object.entries(this.built).filter(([view]) => !(view in counters)));
    return method === "counters.reset" ? (counters as CountersState) : foldCounters(this.state, counters);
  }
}

/** How the contacts that the caller sees are spread over agents, teams and channels, and who waits longest. */
export class WorkloadSubscription extends Subscription<WorkloadState, "workload.subscribe"> {
  /** The messages that were counted before the line's subscription began. */
  private before = empty_workload.messages;

  constructor(line: Line) {
    super(line, empty_workload);
  }

  protected request() {
    return { method: "workload.subscribe" as const, params: {} };
  }
  protected snapshot(result: Result<"workload.subscribe">): WorkloadState {
    this.before = this.state.messages;
    return replaceWorkload(this.state, result.workload);
  }
  protected fold<P extends Push>(method: P, params: PushMap[P]): WorkloadState {
    if (method === "workload.reset") {
      return resetWorkload(this.before, (params as PushMap["workload.reset"]).workload);
    }
    return method === "workload.delta" ? foldWorkload(this.state, (params as PushMap["workload.delta"]).workload) : this.state;
  }
}

/** One contact: details, the newest part of its timeline, who else is there. */
export class ContactSubscription extends Subscription<ContactState, "contact.subscribe"> {
  private epoch: string | null = null;
  /** Changes to entries older than those held, while a page of them is on its way. */
  private late: Entry[] | undefined;
  private loading: Promise<void> | null = null;
  /** Grows when the entries are replaced, so that a page asked for before is dropped. */
  private generation = 0;

  constructor(line: Line, readonly id: string, private readonly limit: number) {
    super(line, empty_contact);
  }

  protected request() {
    const resume = this.epoch === null ? {} : { resume: { epoch: this.epoch, offset: this.state.offset } };
    return { method: "contact.subscribe" as const, params: { contact: this.id, limit: this.limit, ...resume } };
  }

  protected snapshot(result: ContactSnapshot): ContactState {
    const resumed = this.epoch !== null && result.recovered === true;
    this.epoch = result.epoch;
    const alone = { viewers: [], typing: [] };
    if (resumed) return { ...foldContact(this.state, result, this.late), ...alone };
    ++this.generation;
    return { contact: result.contact, entries: result.entries, more: result.more ?? false, offset: result.offset, ...alone };
  }

  protected fold<P extends Push>(method: P, params: PushMap[P]): ContactState {
    if (method === "contact.delta") {
      const delta = params as PushMap["contact.delta"];
      inOrder(delta.offset, this.state.offset);
      return foldContact(this.state, delta, this.late);
    }
    if (method === "contact.presence") {
      const { viewers, typing } = params as PushMap["contact.presence"];
      return { ...this.state, viewers, typing };
    }
    return this.state;
  }

  protected override forget(): void {
    this.epoch = null;
  }

  protected override isOf(contact: string): boolean {
    return contact === this.id;
  }

  /** Puts the page of history before the first entry held in front of it. */
  loadOlder(limit = 50): Promise<void> {
    this.loading ??= this.pageBefore(limit).finally(() => {
      this.loading = null;
      this.late = undefined;
    });
    return this.loading;
  }

  private async pageBefore(limit: number): Promise<void> {
    const first = this.state.entries[0];
    if (!first || first.seq <= 1 || !this.state.more) return;
    const generation = this.generation;
    const late: Entry[] = (this.late = []);
    const page = await this.line.call("timeline.page", { contact: this.id, before_seq: first.seq, limit });
    if (generation !== this.generation || this.phase === "ended") return;
    this.set(foldOlder(this.state, page, late));
  }
}

/** Who of the workspace's agents is online, busy or offline; `changed` hears of records that others made or changed. */
export class AgentsSubscription extends Subscription<Readonly<Record<string, AgentPresence["status"]>>, "agents.subscribe"> {
  constructor(line: Line, private readonly changed?: (changes: DirectoryChanges) => void) {
    super(line, {});
  }
  protected request() {
    return { method: "agents.subscribe" as const, params: {} };
  }
  protected snapshot(result: Result<"agents.subscribe">) {
    return statuses({}, result.agents);
  }
  protected fold<P extends Push>(method: P, params: PushMap[P]) {
    if (method === "directory.delta") {
      const { agents, agents_removed, teams, channels, fields } = params as PushMap["directory.delta"];
      this.changed?.({ agents, agents_removed, teams, channels, fields });
    }
    return method === "agents.delta" ? statuses(this.state, (params as PushMap["agents.delta"]).agents) : this.state;
  }
}

function statuses(held: Readonly<Record<string, AgentPresence["status"]>>, changed: readonly AgentPresence[]) {
  const next = { ...held };
  for (const { id, status } of changed) next[id] = status;
  return next;
}

/** What concerns this agent. The state is the last notification; those of a time without line are not sent later. */
export class NotificationsSubscription extends Subscription<Notification | null, "notifications.subscribe"> {
  constructor(line: Line, private readonly listener: (notification: Notification) => void) {
    super(line, null);
  }
  protected request() {
    return { method: "notifications.subscribe" as const, params: {} };
  }
  protected snapshot(): Notification | null {
    return this.state;
  }
  protected fold<P extends Push>(method: P, params: PushMap[P]): Notification | null {
    if (method !== "notification") return this.state;
    const { kind, contact, seq, at } = params as PushMap["notification"];
    const notification = { kind, contact, seq, at };
    this.listener(notification);
    return notification;
  }
}

/** For connectors: what to bring to the platform, at least once each. The state is the last offset taken. */
export class OutboxSubscription extends Subscription<Offset, "outbox.subscribe"> {
  constructor(line: Line, private readonly listener: (deliveries: Delivery[]) => void, private readonly in_flight?: number) {
    super(line, 0);
  }
  protected request() {
    return { method: "outbox.subscribe" as const, params: { in_flight: this.in_flight } };
  }
  protected snapshot(result: Result<"outbox.subscribe">): Offset {
    if (result.deliveries.length > 0) this.listener(result.deliveries);
    return result.offset;
  }
  protected fold<P extends Push>(method: P, params: PushMap[P]): Offset {
    if (method === "outbox.deliver") this.listener((params as PushMap["outbox.deliver"]).deliveries);
    return this.state;
  }
}

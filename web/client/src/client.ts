// The client: one line to the engine, kept up; commands as promises; subscriptions that survive the line.
import { backoffMs, default_backoff, type BackoffOptions } from "./backoff.js";
import { comebackOf, InboxError } from "./errors.js";
import { randomId } from "./ids.js";
import type {
  Delivery, DirectoryChanges, Method, Notification, Params, Push, PushMap, Result, SessionInfo, Sort,
} from "./protocol.js";
import { isFleeting, isRepeatable, takesClientId } from "./retry.js";
import {
  AgentsSubscription, ContactSubscription, CountersSubscription, NotificationsSubscription, OutboxSubscription,
  ViewSubscription, WorkloadSubscription, type AnySubscription, type Line, type ViewWindow,
} from "./subscriptions.js";
import { webSocket, type Socket, type SocketFactory } from "./transport.js";

export type ConnectionState =
  | { phase: "idle" }
  | { phase: "connecting"; attempt: number }
  | { phase: "online" }
  /** Waiting to come back. `until` is in this machine's time. */
  | { phase: "waiting"; attempt: number; until: number; close_code: number; reason: string }
  /** Over: `error` says why, or null after `close()`. */
  | { phase: "closed"; error: InboxError | null };

export interface ClientOptions {
  /** `ws://host:port/ws` or `wss://…`. */
  url: string;
  /** A token, or what gets one: it is asked again before the token expires and when the engine refuses it. */
  token: string | (() => string | Promise<string>);
  /** How long a command may take, waiting for the line included. Default 30 s. */
  timeout_ms?: number;
  /** Ask for a sign of life after this long without any. Default 30 s; 0 never does. */
  keepalive_ms?: number;
  backoff?: Partial<BackoffOptions>;
  /** For tests and other runtimes. */
  socket?: SocketFactory;
  random?: () => number;
}

export interface CallOptions {
  timeout_ms?: number;
  /** False: an `unavailable` or `rate_limited` is returned at once and a lost line ends the call. */
  retry?: boolean;
}

interface Request {
  id: number;
  method: Method;
  params: unknown;
  /** May be sent again after a lost line. */
  repeatable: boolean;
  /** May be tried again after `unavailable` or `rate_limited`, which promise that nothing was written. */
  patient: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  done: (error: InboxError | null, result: unknown) => void;
}

interface WireMessage {
  id?: number | string | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { code: number; message?: string; data?: Record<string, unknown> | null };
}

const probe_timeout_ms = 10_000;
const open_timeout_ms = 15_000;
const later_pause_ms = 10_000;
const in_flight_default = 64;

export class InboxClient {
  private connection: ConnectionState = { phase: "idle" };
  private session_info: SessionInfo | null = null;
  private socket: Socket | null = null;
  private next_id = 1;
  private queue: Request[] = [];
  private in_flight = new Map<number, Request>();
  private subscriptions = new Set<AnySubscription>();
  private routes = new Map<string, AnySubscription>();
  private listeners = new Set<(state: ConnectionState) => void>();
  private opening: { promise: Promise<SessionInfo>; resolve: (s: SessionInfo) => void; reject: (e: InboxError) => void } | null = null;
  private attempt = 0;
  private new_token_tried = false;
  private token = "";
  private paused_until = 0;
  private timers = new Map<string, ReturnType<typeof setTimeout>>();
  private heard_at = 0;
  private desync_count = 0;
  private readonly backoff: BackoffOptions;
  private readonly random: () => number;

  constructor(private readonly options: ClientOptions) {
    this.backoff = { ...default_backoff, ...options.backoff };
    this.random = options.random ?? Math.random;
  }

  get state(): ConnectionState {
    return this.connection;
  }
  /** Of the last `session.open`; null before the first. */
  get session(): SessionInfo | null {
    return this.session_info;
  }
  /** How often a delta did not fit its list, and a new snapshot had to be asked for. 0, or somebody has a bug. */
  get desyncs(): number {
    return this.desync_count;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when the session is open for the first time; rejects when there is no use in trying again. */
  connect(): Promise<SessionInfo> {
    if (this.opening) return this.opening.promise;
    let resolve!: (s: SessionInfo) => void;
    let reject!: (e: InboxError) => void;
    const promise = new Promise<SessionInfo>((yes, no) => ((resolve = yes), (reject = no)));
    promise.catch(() => undefined);
    this.opening = { promise, resolve, reject };
    this.token = typeof this.options.token === "string" ? this.options.token : "";
    void this.dial();
    return promise;
  }

  /** Tries now instead of when the wait is over: for "back online" events and impatient people. */
  wake(): void {
    if (this.connection.phase === "waiting") void this.dial();
  }

  /** Ends the session and everything that waits for it. */
  close(): void {
    this.shut(null);
  }

  /** Sends a command. Its name gives the types of what it takes and returns. */
  call<M extends Method>(method: M, params: Params<M>, options: CallOptions = {}): Promise<Result<M>> {
    const retry = options.retry ?? true;
    const with_id = takesClientId(method) && (params as { client_id?: string }).client_id === undefined
      ? { ...params, client_id: randomId() } : params;
    return new Promise((resolve, reject) => {
      if (this.connection.phase === "closed") {
        reject(this.connection.error ?? InboxError.local("closed", "the client is closed", false));
        return;
      }
      if (isFleeting(method) && this.connection.phase !== "online") {
        reject(InboxError.local("connection_lost", `${method}: not connected`, false));
        return;
      }
      this.enqueue({
        id: this.next_id++, method, params: with_id,
        repeatable: retry && isRepeatable(method), patient: retry,
        timer: undefined,
        done: (error, result) => (error ? reject(error) : resolve(result as Result<M>)),
      }, options.timeout_ms ?? this.options.timeout_ms ?? 30_000);
    });
  }

  /** Extends the session with a new token, which later reconnects use too. */
  async refresh(token: string): Promise<void> {
    await this.call("session.refresh", { token });
    this.token = token;
    this.armRefresh();
  }

  view(view: string, options: { sort?: Sort } & ViewWindow = {}): ViewSubscription {
    return this.add(new ViewSubscription(this.line, view, options.sort, options));
  }
  counters(views?: string[]): CountersSubscription {
    return this.add(new CountersSubscription(this.line, views));
  }
  workload(): WorkloadSubscription {
    return this.add(new WorkloadSubscription(this.line));
  }
  contact(id: string, options: { limit?: number } = {}): ContactSubscription {
    return this.add(new ContactSubscription(this.line, id, options.limit ?? 50));
  }
  /** Presence; with a listener also the records of agents, teams, channels and fields that are made or changed meanwhile. */
  agents(changed?: (changes: DirectoryChanges) => void): AgentsSubscription {
    return this.add(new AgentsSubscription(this.line, changed));
  }
  notifications(listener: (notification: Notification) => void): NotificationsSubscription {
    return this.add(new NotificationsSubscription(this.line, listener));
  }
  /** For connectors: deliveries come at least once each, until `outbox.sent`, `outbox.failed` or a status is reported. */
  outbox(listener: (deliveries: Delivery[]) => void, in_flight?: number): OutboxSubscription {
    return this.add(new OutboxSubscription(this.line, listener, in_flight));
  }

  // ---- the line ------------------------------------------------------------------------------------------------

  private readonly line: Line = ((client: InboxClient): Line => ({
    get online() {
      return client.connection.phase === "online";
    },
    ask: (method, params, done) => {
      client.enqueue({
        id: client.next_id++, method, params, repeatable: false, patient: false, timer: undefined,
        done: done as Request["done"],
      }, 0);
    },
    call: (method, params) => client.call(method, params),
    route: (sub, to) => client.routes.set(sub, to),
    unroute: (sub) => client.routes.delete(sub),
    drop: (subscription) => client.subscriptions.delete(subscription),
    desynced: () => ++client.desync_count,
    later: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  }))(this);

  private add<S extends AnySubscription>(subscription: S): S {
    this.subscriptions.add(subscription);
    if (this.connection.phase === "online") subscription.start();
    return subscription;
  }

  private become(state: ConnectionState): void {
    this.connection = state;
    for (const listener of [...this.listeners]) listener(state);
  }

  private async dial(): Promise<void> {
    this.stopTimer("dial");
    const attempt = this.attempt++;
    this.become({ phase: "connecting", attempt });
    if (typeof this.options.token === "function" && (this.token === "" || this.new_token_tried)) {
      try {
        this.token = await this.options.token();
      } catch (error) {
        if (this.connection.phase === "connecting") this.comeBack(1006, false, `no token: ${String(error)}`);
        return;
      }
      if (this.connection.phase !== "connecting") return; // closed meanwhile
    }
    let mine: Socket | undefined;
    const isMine = (): boolean => mine === undefined || this.socket === mine;
    const factory = this.options.socket ?? webSocket;
    mine = factory(this.options.url, {
      open: () => {
        if (isMine()) this.open();
      },
      message: (text) => {
        if (isMine()) this.receive(text);
      },
      closed: (code, reason) => {
        if (isMine()) this.lost(code, reason);
      },
    });
    // The factory may have failed at once, and the listener of that may have closed the client.
    if (this.connection.phase !== "connecting") return;
    this.socket = mine;
    this.timer("open", open_timeout_ms, () => this.abandon());
  }

  private open(): void {
    const id = this.next_id++;
    this.in_flight.set(id, {
      id, method: "session.open", params: null, repeatable: false, patient: false, timer: undefined,
      done: (error, result) => (error ? this.notOpened(error) : this.opened(result as SessionInfo)),
    });
    this.transmit({ jsonrpc: "2.0", id, method: "session.open", params: { token: this.token } });
  }

  private opened(session: SessionInfo): void {
    this.stopTimer("open");
    this.attempt = 0;
    this.new_token_tried = false;
    this.paused_until = 0;
    this.session_info = session;
    // Before the listeners hear of it: a subscription that they add starts by itself, and must not start twice.
    this.connection = { phase: "online" };
    for (const subscription of [...this.subscriptions]) subscription.start();
    this.become(this.connection);
    this.armRefresh();
    this.armKeepalive();
    this.flush();
    this.opening?.resolve(session);
  }

  private notOpened(error: InboxError): void {
    if (error.reason === "connection_lost") return; // lost() has seen to it
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
    if (error.reason === "unavailable" || error.reason === "rate_limited") this.comeBack(1001, false, error.message, error.retryAfterMs);
    else if (error.reason === "unauthenticated") this.unauthenticated(error);
    else this.shut(error);
  }

  private unauthenticated(error: InboxError): void {
    if (typeof this.options.token !== "function" || this.new_token_tried) {
      this.shut(error);
      return;
    }
    this.new_token_tried = true;
    this.comeBack(4401, true, error.message);
  }

  private lost(code: number, reason: string): void {
    this.socket = null;
    this.stopTimer("open");
    this.stopTimer("probe");
    this.stopTimer("keepalive");
    if (this.connection.phase === "closed") return;
    // The state is told before the requests fail, so that who asks again in a handler is queued.
    const failed = [...this.in_flight.values()];
    this.in_flight.clear();
    this.routes.clear();
    const then = comebackOf(code);
    const text = `connection closed (${code}${reason ? ` ${reason}` : ""})`;
    if (then === "stay_away") {
      const why = code === 4403 ? "forbidden" : "invalid_request";
      this.shut(new InboxError(code, why, text, { close_code: code }), failed);
      return;
    }
    if (then === "new_token") {
      this.unauthenticated(new InboxError(code, "unauthenticated", text, { close_code: code }));
      this.settleLost(failed, text);
      return;
    }
    this.comeBack(code, false, text, then === "come_back_later" ? later_pause_ms : undefined);
    this.settleLost(failed, text);
  }

  /** Requests that were on the line when it broke: back in the queue, or failed as unknown. */
  private settleLost(requests: Request[], text: string): void {
    for (const request of requests) if (request.repeatable) this.queue.push(request);
    this.queue.sort((a, b) => a.id - b.id);
    for (const request of requests) {
      if (!request.repeatable) this.finish(request, InboxError.local("connection_lost", `${request.method}: ${text}`, true), undefined);
    }
  }

  private comeBack(code: number, at_once: boolean, reason: string, at_least_ms = 0): void {
    for (const subscription of [...this.subscriptions]) subscription.lost();
    // What a subscription asked for on the old line means nothing on the next one: it starts anew.
    const stale = this.queue.filter((request) => !request.patient);
    this.queue = this.queue.filter((request) => request.patient);
    const wait = at_once ? 0 : at_least_ms + backoffMs(Math.max(0, this.attempt - 1), this.backoff, this.random);
    this.become({ phase: "waiting", attempt: this.attempt, until: Date.now() + wait, close_code: code, reason });
    this.timer("dial", wait, () => void this.dial());
    for (const request of stale) this.finish(request, InboxError.local("connection_lost", `${request.method}: not sent`, false), undefined);
  }

  /** The line gives no sign of life, or the session never opened: as if it had closed. */
  private abandon(): void {
    this.socket?.close(1006);
  }

  private shut(error: InboxError | null, failed: Request[] = []): void {
    if (this.connection.phase === "closed") return;
    const socket = this.socket;
    this.socket = null;
    for (const name of [...this.timers.keys()]) this.stopTimer(name);
    const pending = [...failed, ...this.in_flight.values(), ...this.queue];
    const unknown = new Set([...failed, ...this.in_flight.values()]);
    this.in_flight.clear();
    this.queue = [];
    this.routes.clear();
    for (const subscription of [...this.subscriptions]) subscription.lost();
    this.become({ phase: "closed", error });
    socket?.close(1000);
    for (const request of pending) {
      this.finish(request, error ?? InboxError.local("closed", `${request.method}: the client was closed`, unknown.has(request)), undefined);
    }
    this.opening?.reject(error ?? InboxError.local("closed", "the client was closed", false));
  }

  // ---- requests ------------------------------------------------------------------------------------------------

  private enqueue(request: Request, timeout_ms: number): void {
    if (timeout_ms > 0) {
      request.timer = setTimeout(() => {
        const sent = this.in_flight.delete(request.id);
        this.queue = this.queue.filter((other) => other !== request);
        this.finish(request, InboxError.local("timeout", `${request.method}: no reply within ${timeout_ms} ms`, sent), undefined);
        this.flush();
      }, timeout_ms);
    }
    this.queue.push(request);
    this.flush();
  }

  private flush(): void {
    if (this.connection.phase !== "online" || Date.now() < this.paused_until) return;
    const most = this.session_info?.limits?.in_flight ?? in_flight_default;
    while (this.queue.length > 0 && this.in_flight.size < most && this.socket) {
      const request = this.queue.shift()!;
      this.in_flight.set(request.id, request);
      this.transmit({ jsonrpc: "2.0", id: request.id, method: request.method, params: request.params });
    }
  }

  private transmit(message: unknown): void {
    this.socket?.send(JSON.stringify(message));
  }

  private finish(request: Request, error: InboxError | null, result: unknown): void {
    clearTimeout(request.timer);
    request.done(error, result);
  }

  private receive(text: string): void {
    this.heard_at = Date.now();
    this.stopTimer("probe");
    let parsed: WireMessage | WireMessage[];
    try {
      parsed = JSON.parse(text) as WireMessage | WireMessage[];
    } catch {
      this.abandon();
      return;
    }
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) this.take(message);
    this.flush();
  }

  private take(message: WireMessage): void {
    if (message.method !== undefined) {
      const sub = message.params?.sub;
      const subscription = typeof sub === "string" ? this.routes.get(sub) : undefined;
      const params = message.params as unknown;
      if (subscription) {
        subscription.push(message.method as Push, params as PushMap[Push]);
      } else if (message.method === "view.progress") {
        // Comes before the answer that names the subscription: all that wait for that view wait for this.
        for (const waiting of [...this.subscriptions]) waiting.awaited(params as PushMap["view.progress"]);
      }
      return;
    }
    const request = typeof message.id === "number" ? this.in_flight.get(message.id) : undefined;
    if (!request) return; // it timed out here
    this.in_flight.delete(request.id);
    if (!message.error) {
      this.finish(request, null, message.result ?? {});
      return;
    }
    const error = InboxError.fromWire(message.error);
    if (request.patient && (error.reason === "rate_limited" || error.reason === "unavailable")) this.postpone(request, error);
    else this.finish(request, error, undefined);
  }

  /** Nothing was written: the request goes back to its place, and all wait, so that their order stays. */
  private postpone(request: Request, error: InboxError): void {
    this.queue.push(request);
    this.queue.sort((a, b) => a.id - b.id);
    const wait = (error.retryAfterMs ?? 1000) * (1 + 0.2 * this.random());
    this.paused_until = Math.max(this.paused_until, Date.now() + wait);
    this.timer("resume", this.paused_until - Date.now(), () => {
      this.paused_until = 0;
      this.flush();
    });
  }

  // ---- time ----------------------------------------------------------------------------------------------------

  private timer(name: string, ms: number, then: () => void): void {
    this.stopTimer(name);
    this.timers.set(name, setTimeout(() => {
      this.timers.delete(name);
      then();
    }, Math.max(0, ms)));
  }

  private stopTimer(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  /** A line can be dead without a word. After a silence, ask for what costs the engine least. */
  private armKeepalive(): void {
    const every = this.options.keepalive_ms ?? 30_000;
    if (every <= 0) return;
    this.heard_at = Date.now();
    const look = (): void => {
      const silent = Date.now() - this.heard_at;
      if (silent >= every && !this.timers.has("probe")) {
        this.timer("probe", probe_timeout_ms, () => this.abandon());
        this.call("session.refresh", { token: this.token }, { timeout_ms: probe_timeout_ms, retry: false }).catch(() => undefined);
      }
      this.timer("keepalive", silent >= every ? every : every - silent, look);
    };
    this.timer("keepalive", every, look);
  }

  /** With a token function, the session is extended a little before its token expires. */
  private armRefresh(): void {
    const provider = this.options.token;
    const expires_at = tokenExpiry(this.token);
    if (typeof provider !== "function" || expires_at === null) return;
    const wait = Math.max(1000, expires_at - Date.now() - 60_000);
    if (wait > 2 ** 31 - 1) return; // weeks away: a reconnect will have come before
    this.timer("refresh", wait, () => {
      void Promise.resolve(provider()).then((token) => this.refresh(token)).catch(() => undefined);
    });
  }
}

/** The `exp` of a JWT in milliseconds, unverified; null when there is none to read. */
export function tokenExpiry(token: string): number | null {
  try {
    const part = token.split(".")[1] ?? "";
    const claims = JSON.parse(atob(part.replace(/-/g, "+").replace(/_/g, "/"))) as { exp?: unknown };
    return typeof claims.exp === "number" ? claims.exp * 1000 : null;
  } catch {
    return null;
  }
}

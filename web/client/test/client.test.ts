import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { close_codes, comebackOf, InboxError, type ConnectionState, type Reason } from "../src/index.js";
import { backoffMs, default_backoff } from "../src/backoff.js";
import { fakeClient } from "./fake.js";
import { row } from "./naive.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const counters = { contacts: 1, unread_contacts: 0, unread_messages: 0 };
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("the line", () => {
  it("opens a session before anything else and then sends what waited, in order", async () => {
    const { client, line } = fakeClient();
    const opened = client.connect();
    const done = client.call("contact.done", { contact: "c1" });
    const reopened = client.call("contact.reopen", { contact: "c1" });
    await settle();
    line().events.open();
    expect(line().received.map((r) => r.method)).toEqual(["session.open"]);
    line().open();
    await opened;
    expect(line().received.slice(-2).map((r) => r.method)).toEqual(["contact.done", "contact.reopen"]);
    line().reply(line().last("contact.reopen").id, { offset: 3, version: 3 });
    line().reply(line().last("contact.done").id, { offset: 2, version: 2 });
    expect(await done).toEqual({ offset: 2, version: 2 });
    expect(await reopened).toEqual({ offset: 3, version: 3 });
  });

  it("comes back after every code but 4400, 4401 and 4403", async () => {
    for (const [code, back] of [[1001, true], [1006, true], [4408, true], [4429, true], [4430, true], [4400, false], [4401, false], [4403, false]] as const) {
      const { client, lines, line } = fakeClient();
      void client.connect();
      await settle();
      line().open();
      line().break(code);
      await vi.advanceTimersByTimeAsync(60_000);
      expect([code, lines.length > 1]).toEqual([code, back]);
      expect([code, client.state.phase === "closed"]).toEqual([code, !back]);
      client.close();
    }
  });

  it("has a word for each close code of the protocol, and takes any other for a lost line", () => {
    expect(Object.fromEntries(Object.entries(close_codes).map(([code, { name, then }]) => [code, `${name}: ${then}`]))).toEqual({
      1001: "going_away: come_back", 4400: "protocol_error: stay_away", 4401: "unauthenticated: new_token", 4403: "forbidden: stay_away",
      4408: "open_timeout: come_back", 4429: "too_many_requests: come_back_later", 4430: "too_slow: come_back",
    });
    expect([1000, 1006, 1011, 4999].map(comebackOf)).toEqual(["come_back", "come_back", "come_back", "come_back"]);
  });

  it("a line that the engine closes for good names the code and the reason", async () => {
    for (const [code, reason] of [[4400, "invalid_request"], [4403, "forbidden"]] as const) {
      const { client, line } = fakeClient();
      void client.connect();
      await settle();
      line().open();
      const call = client.call("contact.done", { contact: "c" });
      const failed = expect(call).rejects.toBeInstanceOf(InboxError);
      line().break(code);
      await failed;
      expect(client.state).toMatchObject({ phase: "closed" });
      expect([code, (client.state as { error: InboxError }).error.reason]).toEqual([code, reason]);
      await expect(client.call("view.list", {})).rejects.toBeInstanceOf(InboxError);
    }
  });

  it("stays away longer when the engine says that it is too much", async () => {
    const { client, lines, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    line().break(4429);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(lines).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(lines).toHaveLength(2);
    client.close();
  });

  it("asks for another token once when the engine refuses the one it has, then gives up", async () => {
    const tokens: string[] = [];
    const { client, line } = fakeClient({ token: () => { tokens.push(`t${tokens.length}`); return tokens[tokens.length - 1]!; } });
    const opened = client.connect();
    opened.catch(() => undefined);
    for (let i = 0; i < 2; ++i) {
      await settle();
      line().events.open();
      const open = line().last("session.open");
      expect(open.params.token).toBe(`t${i}`);
      line().refuse(open.id, -32001, { reason: "unauthenticated" });
      await settle();
    }
    await expect(opened).rejects.toMatchObject({ reason: "unauthenticated" });
    expect(client.state.phase).toBe("closed");
    expect(tokens).toHaveLength(2);
  });

  it("waits longer from attempt to attempt, within bounds, and spreads the clients", () => {
    const at = (attempt: number, random: number): number => backoffMs(attempt, default_backoff, () => random);
    for (let attempt = 0; attempt < 40; ++attempt) {
      expect(at(attempt, 0.999)).toBeLessThanOrEqual(default_backoff.max_ms);
      expect(at(attempt, 0)).toBeGreaterThanOrEqual(default_backoff.first_ms / 5);
      expect(at(attempt, 0.9)).toBeGreaterThan(at(attempt, 0.1));
    }
    expect(at(3, 0.5)).toBeGreaterThan(at(1, 0.5));
  });

  it("takes a line that gives no sign of life for dead", async () => {
    const { client, lines, line } = fakeClient({ keepalive_ms: 5_000 });
    void client.connect();
    await settle();
    line().open();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(line().count("session.refresh")).toBe(1);
    line().reply(line().last("session.refresh").id, {});
    await vi.advanceTimersByTimeAsync(9_000);
    expect(lines).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines.length).toBeGreaterThan(1);
    client.close();
  });

  it("tells its phases", async () => {
    const { client, line } = fakeClient();
    const seen: ConnectionState["phase"][] = [];
    client.onState((state) => seen.push(state.phase));
    void client.connect();
    await settle();
    line().open();
    line().break(1006);
    client.close();
    expect(seen).toEqual(["connecting", "online", "waiting", "closed"]);
  });

  it("extends the session before its token expires, when it can get another", async () => {
    vi.setSystemTime(1_000_000_000_000);
    const token = (exp_s: number): string => `h.${btoa(JSON.stringify({ exp: exp_s }))}.s`;
    let next = 1_000_000_000 + 600;
    const { client, line } = fakeClient({ token: () => token(next) });
    void client.connect();
    await settle();
    line().open();
    next += 600;
    await vi.advanceTimersByTimeAsync(541_000);
    expect(line().last("session.refresh").params.token).toBe(token(next));
    client.close();
  });
});

describe("commands", () => {
  it("a message whose reply was lost goes again with the same client_id, and no second time after its reply", async () => {
    const { client, lines, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    const sent = client.call("message.send", { contact: "c1", text: "hola" });
    const first = line().last("message.send");
    expect(first.params.client_id).toMatch(/^[0-9a-f]{32}$/);
    line().break(1006);
    await vi.advanceTimersByTimeAsync(5_000);
    line().open();
    const again = line().last("message.send");
    expect(again.params).toEqual(first.params);
    line().reply(again.id, { entry: { seq: 1 }, offset: 2, version: 1, duplicate: true });
    expect((await sent).duplicate).toBe(true);
    line().break(1006);
    await vi.advanceTimersByTimeAsync(5_000);
    line().open();
    expect(lines[2]!.count("message.send")).toBe(0);
    client.close();
  });

  it("messages keep their order over a lost line", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    for (const text of ["1", "2"]) client.call("message.send", { contact: "c1", text }).catch(() => undefined);
    line().break(1006);
    client.call("message.send", { contact: "c1", text: "3" }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5_000);
    line().open();
    expect(line().received.filter((r) => r.method === "message.send").map((r) => r.params.text)).toEqual(["1", "2", "3"]);
    client.close();
  });

  it("what is not the same when done twice fails as unknown, and is not sent again", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    const assigned = client.call("contact.assign", { contact: "c1", assignee: "ana" });
    line().break(1006);
    await expect(assigned).rejects.toMatchObject({ reason: "connection_lost", outcomeUnknown: true });
    await vi.advanceTimersByTimeAsync(5_000);
    line().open();
    expect(line().count("contact.assign")).toBe(0);
    client.close();
  });

  it("waits as long as the engine says when it is too busy, and keeps the order", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    const one = client.call("contact.assign", { contact: "c1", assignee: "ana" });
    const two = client.call("contact.done", { contact: "c1" });
    line().refuse(line().last("contact.assign").id, -32006, { reason: "rate_limited", retry_after_ms: 400 });
    line().refuse(line().last("contact.done").id, -32006, { reason: "rate_limited", retry_after_ms: 400 });
    await vi.advanceTimersByTimeAsync(300);
    expect(line().count("contact.assign")).toBe(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(line().received.slice(-2).map((r) => r.method)).toEqual(["contact.assign", "contact.done"]);
    for (const { id } of line().received.slice(-2)) line().reply(id, { offset: 9, version: 9 });
    await Promise.all([one, two]);
    client.close();
  });

  it("never has more in flight than the engine allows", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open({ in_flight: 2 });
    for (let i = 0; i < 5; ++i) client.call("contact.get", { contact: `c${i}` }).catch(() => undefined);
    expect(line().count("contact.get")).toBe(2);
    line().reply(line().last("contact.get").id, {});
    expect(line().count("contact.get")).toBe(3);
    client.close();
  });

  it("errors carry code, reason, field and data", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    const call = client.call("contact.done", { contact: "c1", expect_version: 3 });
    line().refuse(line().last("contact.done").id, -32004, { reason: "conflict", field: "expect_version", version: 5, last_seq: 7 });
    const error = await call.catch((e: unknown) => e) as InboxError;
    expect(error).toBeInstanceOf(InboxError);
    expect([error.code, error.reason, error.field, error.data.version]).toEqual([-32004, "conflict", "expect_version", 5]);
    client.close();
  });

  it("each code of the protocol is a reason to switch on, also where the engine gives no more than the code", () => {
    const reasons: Array<[number, Reason]> = [
      [-32001, "unauthenticated"], [-32002, "forbidden"], [-32003, "not_found"], [-32004, "conflict"], [-32005, "window_closed"], [-32006, "rate_limited"],
      [-32007, "too_large"], [-32008, "unavailable"], [-32009, "blocked"],
      [-32700, "parse_error"], [-32600, "invalid_request"], [-32601, "method_not_found"], [-32602, "invalid_params"], [-32603, "internal_error"],
    ];
    for (const [code, reason] of reasons) expect(InboxError.fromWire({ code })).toMatchObject({ code, reason, data: {} });
    expect(InboxError.fromWire({ code: -32007, data: { reason: "limit_exceeded" } }).reason).toBe("limit_exceeded");
    expect(InboxError.fromWire({ code: -1, message: "what is this" })).toMatchObject({ reason: "internal_error", message: "what is this" });
    const busy = InboxError.fromWire({ code: -32006, data: { reason: "rate_limited", retry_after_ms: 250 } });
    expect([busy.retryAfterMs, busy.outcomeUnknown, busy instanceof Error, busy.name]).toEqual([250, false, true, "InboxError"]);
  });

  it("end with a timeout that says whether they may have happened", async () => {
    const { client, line } = fakeClient({ timeout_ms: 1_000 });
    const never_sent = client.call("contact.done", { contact: "c1" });
    const caught = never_sent.catch((e: InboxError) => e);
    await vi.advanceTimersByTimeAsync(1_500);
    expect((await caught) as InboxError).toMatchObject({ reason: "timeout", outcomeUnknown: false });
    void client.connect();
    await settle();
    line().open();
    const sent = client.call("contact.done", { contact: "c1" }).catch((e: InboxError) => e);
    await vi.advanceTimersByTimeAsync(1_500);
    expect((await sent) as InboxError).toMatchObject({ reason: "timeout", outcomeUnknown: true });
    client.close();
  });
});

describe("subscriptions", () => {
  it("a view asks for what it missed, from where it was, and folds it", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const view = client.view("all", { limit: 3 });
    await settle();
    line().open();
    expect(line().last("view.subscribe").params).toEqual({ view: "all", limit: 3 });
    line().reply(line().last("view.subscribe").id, { sub: "1", epoch: "e1", offset: 10, recovered: false, rows: [row("a"), row("b")], counters, more: false, cursor: "k" });
    line().push("view.delta", { sub: "1", offset: 11, ops: [{ op: "put", row: row("c"), before: "a" }] });
    expect(view.state.rows.map((r) => r.id)).toEqual(["c", "a", "b"]);
    line().break(1001);
    expect(view.phase).toBe("stale");
    expect(view.state.rows).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(5_000);
    line().open();
    expect(line().last("view.subscribe").params).toEqual({ view: "all", limit: 3, resume: { epoch: "e1", offset: 11 } });
    line().reply(line().last("view.subscribe").id, { sub: "9", epoch: "e1", offset: 14, recovered: true, ops: [{ op: "del", id: "a" }], counters, more: false, cursor: "k" });
    expect(view.phase).toBe("live");
    expect(view.state.rows.map((r) => r.id)).toEqual(["c", "b"]);
    client.close();
  });

  it("a push in the same turn as the snapshot is not lost", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const view = client.view("all");
    await settle();
    line().open();
    const { id } = line().last("view.subscribe");
    line().events.message(JSON.stringify([
      { jsonrpc: "2.0", id, result: { sub: "1", epoch: "e1", offset: 1, rows: [row("a")], counters, more: false, cursor: null } },
      { jsonrpc: "2.0", method: "view.delta", params: { sub: "1", offset: 2, ops: [{ op: "del", id: "a" }] } },
    ]));
    expect(view.state.rows).toEqual([]);
    client.close();
  });

  it("a delta that does not fit leads to a new snapshot, not to a wrong list", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const view = client.view("all");
    await settle();
    line().open();
    line().reply(line().last("view.subscribe").id, { sub: "1", epoch: "e1", offset: 1, rows: [row("a")], counters, more: false, cursor: null });
    line().push("view.delta", { sub: "1", offset: 2, ops: [{ op: "del", id: "zzz" }] });
    expect(client.desyncs).toBe(1);
    expect(view.phase).toBe("stale");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(line().last("unsubscribe").params).toEqual({ sub: "1" });
    expect(line().last("view.subscribe").params).toEqual({ view: "all", limit: 50 });
    line().reply(line().last("view.subscribe").id, { sub: "2", epoch: "e1", offset: 3, rows: [row("b")], counters, more: false, cursor: null });
    expect(view.state.rows.map((r) => r.id)).toEqual(["b"]);
    client.close();
  });

  it("of several moves of the window in a row only the last is asked for", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const view = client.view("all", { limit: 2 });
    await settle();
    line().open();
    line().reply(line().last("view.subscribe").id, { sub: "1", epoch: "e1", offset: 1, rows: [row("a")], counters, more: true, cursor: "k1" });
    const first = view.setWindow({ after: "k1", limit: 2 });
    const second = view.setWindow({ after: "k2", limit: 2 });
    const third = view.setWindow({ after: "k3", limit: 2 });
    line().reply(line().last("view.window").id, { offset: 1, rows: [row("b")], counters, more: true, cursor: "k2" });
    expect(line().count("view.window")).toBe(2);
    expect(line().last("view.window").params.after).toBe("k3");
    line().reply(line().last("view.window").id, { offset: 1, rows: [row("d")], counters, more: false, cursor: "k4" });
    await Promise.all([first, second, third]);
    expect(view.state.rows.map((r) => r.id)).toEqual(["d"]);
    client.close();
  });

  it("a list that is being built tells how far it is, before there is an answer and until there is one", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    const view = client.view("vips");
    const other = client.view("all");
    const told: unknown[] = [];
    view.onChange(() => told.push(view.progress));
    line().push("view.progress", { sub: "s7", view: "vips", done: 2_000, total: 5_000 });
    line().push("view.progress", { sub: "s7", view: "vips", done: 4_000, total: 5_000 });
    expect([view.phase, other.progress]).toEqual(["starting", null]);
    const [first] = line().received.filter((one) => one.method === "view.subscribe");
    line().reply(first!.id, { sub: "s7", epoch: "e1", offset: 1, rows: [row("a")], counters, more: false, cursor: null });
    expect(told).toEqual([{ done: 2_000, total: 5_000 }, { done: 4_000, total: 5_000 }, null]);
    expect(view.state.rows).toHaveLength(1);
    client.close();
  });

  it("a view that is counted tells how far that is, until its numbers come", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const badges = client.counters();
    await settle();
    line().open();
    line().reply(line().last("counters.subscribe").id, { sub: "1", epoch: "e1", offset: 1, counters: { all: counters } });
    line().push("view.progress", { sub: "1", view: "vips", done: 10, total: 40 });
    line().push("view.progress", { sub: "1", view: "late", done: 10, total: 40 });
    line().push("counters.delta", { sub: "1", offset: 2, counters: { all: { ...counters, contacts: 2 } } });
    expect(badges.progress).toEqual({ vips: { done: 10, total: 40 }, late: { done: 10, total: 40 } });
    line().push("counters.delta", { sub: "1", offset: 3, counters: { vips: counters } });
    expect([badges.progress, badges.state.vips]).toEqual([{ late: { done: 10, total: 40 } }, counters]);
    line().push("counters.reset", { sub: "1", offset: 4, counters: { late: counters } });
    expect([badges.progress, badges.state]).toEqual([{}, { late: counters }]);
    client.close();
  });

  it("a reset of the workload replaces its groups, and goes on counting messages", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const workload = client.workload();
    await settle();
    line().open();
    const load = { contacts: 3, unread_contacts: 1, unread_messages: 2, snoozed: 0, waiting: 1, waiting_since: 5 };
    line().reply(line().last("workload.subscribe").id, { sub: "1", epoch: "e1", offset: 1, workload: { total: load, unassigned: load, agents: { ana: load } } });
    line().push("workload.delta", { sub: "1", offset: 2, workload: { messages: { in: 2, out: 1 } } });
    const messages = { in: 7, out: 1 };  // since the answer, what was dropped too
    line().push("workload.reset", { sub: "1", offset: 9, workload: { total: load, unassigned: load, teams: { sales: load }, messages } });
    expect(workload.state).toMatchObject({ agents: {}, teams: { sales: load }, messages });
    line().push("workload.delta", { sub: "1", offset: 10, workload: { teams: { sales: null } } });
    expect(workload.state.teams).toEqual({});
    client.close();
  });

  it("a contact that was merged says into which", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const contact = client.contact("c2");
    await settle();
    line().open();
    line().reply(line().last("contact.subscribe").id, { sub: "1", epoch: "e1", offset: 1, recovered: false, contact: { id: "c2" }, entries: [], more: false });
    line().push("subscription.ended", { sub: "1", reason: "merged", contact: "c1" });
    expect(contact.phase).toBe("ended");
    expect(contact.ended).toEqual({ reason: "merged", contact: "c1" });
    line().break(1006);
    await vi.advanceTimersByTimeAsync(5_000);
    line().open();
    expect(line().count("contact.subscribe")).toBe(0);
    client.close();
  });

  it("a contact that a long timeline was merged into is followed on, from a new snapshot", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const contact = client.contact("c1");
    await settle();
    line().open();
    line().reply(line().last("contact.subscribe").id, { sub: "1", epoch: "e1", offset: 1, recovered: false, contact: { id: "c1" }, entries: [], more: false });
    line().push("subscription.ended", { sub: "1", reason: "merged", contact: "c1" });
    expect(contact.phase).toBe("stale");
    expect(line().last("contact.subscribe").params).toEqual({ contact: "c1", limit: 50 });
    line().reply(line().last("contact.subscribe").id, { sub: "2", epoch: "e1", offset: 9, recovered: false, contact: { id: "c1", last_seq: 900 }, entries: [], more: true });
    expect(contact.phase).toBe("live");
    expect(contact.state.contact?.last_seq).toBe(900);
    client.close();
  });

  it("a refused subscription rejects its promise with the reason", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const view = client.view("nosuch");
    await settle();
    line().open();
    line().refuse(line().last("view.subscribe").id, -32003, { reason: "not_found", field: "view" });
    await expect(view.ready).rejects.toMatchObject({ reason: "not_found", field: "view" });
    expect(view.phase).toBe("ended");
    client.close();
  });

  it("a list whose cursor is of the order that its view had begins at the top when the line is back", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    const view = client.view("v1", { after: "old", limit: 5 });
    await settle();
    line().open();
    const asked = line().last("view.subscribe");
    expect(asked.params).toMatchObject({ after: "old" });
    line().refuse(asked.id, -32602, { reason: "invalid_params", field: "after" });
    const again = line().last("view.subscribe");
    expect(again.params).toEqual({ view: "v1", limit: 5 });
    line().reply(again.id, { sub: "7", epoch: "e1", offset: 1, rows: [], counters, more: false, cursor: null });
    await view.ready;
    expect(view.phase).toBe("live");
    expect(view.window).toEqual({ after: null, limit: 5 });
    client.close();
  });

  it("one that was closed before its snapshot came is ended on the engine too", async () => {
    const { client, line } = fakeClient();
    void client.connect();
    await settle();
    line().open();
    const view = client.view("all");
    view.close();
    line().reply(line().last("view.subscribe").id, { sub: "7", epoch: "e1", offset: 1, rows: [], counters, more: false, cursor: null });
    expect(line().last("unsubscribe").params).toEqual({ sub: "7" });
    client.close();
  });

  it("one that a state listener adds is asked for once", async () => {
    const { client, line } = fakeClient();
    client.onState((state) => {
      if (state.phase === "online") client.view("mine");
    });
    void client.connect();
    await settle();
    line().open();
    expect(line().count("view.subscribe")).toBe(1);
    client.close();
  });
});

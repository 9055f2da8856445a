// The client against the real engine: the path of a message, resumes, cuts in the middle of a command, restarts.
import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { InboxClient, InboxError, type ClientOptions, type Delivery, type Sort, type WorkloadState } from "../src/index.js";
import { CuttingProxy, Engine, inboxd_bin, sayThatItIsSkipped, until } from "./engine.js";
import { members, param_names, push_names } from "./params.js";

if (!inboxd_bin) sayThatItIsSkipped("The client's suite against the engine");

describe.skipIf(!inboxd_bin)("against the engine", () => {
  let engine: Engine;
  let admin: InboxClient;
  let connector: InboxClient;
  const clients: InboxClient[] = [];
  const brisk = { backoff: { first_ms: 40, max_ms: 300 } };

  const open = async (token: string, options: Partial<ClientOptions> = {}): Promise<InboxClient> => {
    const client = new InboxClient({ url: engine.ws, token, ...brisk, ...options });
    clients.push(client);
    await client.connect();
    return client;
  };
  let provider_id = 0;
  const writes = (external_id: string, text: string): Promise<{ contact: string; seq: number }> =>
    connector.call("inbound.receive", { external_id, provider_id: `p${++provider_id}`, type: "text", text, profile: { first_name: external_id } });

  beforeAll(async () => {
    engine = await Engine.start();
    admin = await open(engine.token({ sub: "root", role: "admin" }));
    await admin.call("team.put", { id: "sales", name: "Sales" });
    await admin.call("agent.put", { id: "ana", name: "Ana", role: "agent", teams: ["sales"] });
    await admin.call("agent.put", { id: "luis", name: "Luis", role: "agent" });
    await admin.call("channel.put", { id: "web", kind: "webchat", name: "Web" });
    connector = await open(engine.token({ sub: "web-connector", kind: "connector", channel: "web" }));
  });
  afterEach(() => {
    // Whatever a test did: no delta ever failed to fit its list.
    for (const client of clients) expect(client.desyncs).toBe(0);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await engine?.remove();
  });

  it("R2 R8 a message comes in, is answered, and goes out to its platform", async () => {
    const ana = await open(engine.token({ sub: "ana" }));
    const deliveries: Delivery[] = [];
    const outbox = connector.outbox((some) => deliveries.push(...some));
    const unassigned = ana.view("unassigned");
    const mine = ana.view("mine");
    const counters = ana.counters(["mine", "unassigned"]);
    await Promise.all([outbox.ready, unassigned.ready, mine.ready, counters.ready]);

    const { contact } = await writes("maria", "Hola, ¿hay alguien?");
    await until("the row in unassigned", () => unassigned.state.rows.find((row) => row.id === contact && row.unread === 1));
    // Another subscription than the list: its delta comes by itself.
    await until("the counter of unassigned", () => counters.state.unassigned!.unread_contacts > 0);

    const opened = ana.contact(contact);
    await opened.ready;
    const { entry } = await ana.call("message.send", { contact, text: "Aquí estoy." });
    await until("the row in mine", () => mine.state.rows.some((row) => row.id === contact && row.assignee === "ana"));
    await until("it left unassigned", () => !unassigned.state.rows.some((row) => row.id === contact));
    const delivery = await until("the delivery", () => deliveries.find((one) => one.contact === contact && one.seq === entry.seq));
    expect([delivery.external_id, delivery.entry.text]).toEqual(["maria", "Aquí estoy."]);
    await connector.call("outbox.sent", { contact, seq: entry.seq, provider_id: "out-1" });
    await connector.call("inbound.status", { provider_id: "out-1", status: "read" });
    await until("the read mark", () => opened.state.entries.some((one) => one.seq === entry.seq && one.kind === "message" && one.status === "read"));
    expect(opened.state.entries.map((one) => one.seq)).toEqual(opened.state.entries.map((_, i) => i + 1));
    expect(opened.state.entries.filter((one) => one.kind === "event").map((one) => one.kind === "event" && [one.event, one.cause])).toEqual([["opened", "inbound"], ["assigned", "reply"]]);
    outbox.close();
    ana.close();
  });

  it("the folded lists and counters equal the engine's after a random day, in every sort, with the line cut again and again", async () => {
    const proxy = await CuttingProxy.to(() => engine.port);
    const luis = await open(engine.token({ sub: "luis" }), { url: `ws://127.0.0.1:${proxy.port}/ws` });
    const worker = await open(engine.token({ sub: "boss", role: "manager" }));
    const sorts: Sort[] = ["newest", "oldest", "longest_waiting", "unread_first", "priority"];
    const folded = [
      ...sorts.map((sort) => luis.view("all", { sort, limit: 7 })),
      luis.view("all", { limit: 200 }), luis.view("unassigned", { limit: 5 }), luis.view("mine"), luis.view("done", { limit: 3 }), luis.view("team:sales"),
    ];
    const counters = luis.counters();
    const workload = luis.workload();
    await Promise.all([...folded, counters, workload].map((one) => one.ready));

    let seed = 20_261_123;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((seed / 0x80000000) * below);
    };
    const contacts: string[] = [];
    for (let i = 0; i < 14; ++i) contacts.push((await writes(`day-${i}`, "first")).contact);
    const refused = (error: unknown): void => {
      // What the rules forbid (snoozing who is done, writing to who is blocked) is part of a day.
      if (!(error instanceof InboxError) || !["conflict", "blocked"].includes(error.reason)) throw error;
    };
    for (let i = 0; i < 220; ++i) {
      const at = random(contacts.length);
      const contact = contacts[at]!;
      const doing = [
        () => writes(`day-${at}`, `message ${i}`),
        () => worker.call("message.send", { contact, text: `answer ${i}` }),
        () => worker.call("contact.assign", { contact, assignee: ["luis", "ana", null][random(3)]!, ...(random(3) === 0 ? { team: "sales" } : {}) }),
        () => worker.call("contact.done", { contact }),
        () => worker.call("contact.reopen", { contact }),
        () => worker.call("contact.snooze", { contact, until: Date.now() + 3_600_000 }),
        () => worker.call("contact.wake", { contact }),
        () => worker.call("contact.update", { contact, set: { priority: (["none", "low", "high", "urgent"] as const)[random(4)]! }, tags_add: [`t${random(4)}`] }),
        () => worker.call(random(2) === 0 ? "contact.block" : "contact.unblock", { contact }),
        () => worker.call("contact.read", { contact }),
      ];
      await (doing[random(doing.length)]!() as Promise<unknown>).catch(refused);
      if (i % 37 === 36) proxy.cut();
      if (i % 53 === 52) proxy.cutAfter(random(4_000));
    }
    const { offset } = await worker.call("contact.get", { contact: contacts[0]! });
    await until("the line is up again", () => luis.state.phase === "online" && folded.every((one) => one.phase === "live"));
    for (const view of folded) {
      const fresh = luis.view(view.view, { limit: view.window.limit, ...(view.sort ? { sort: view.sort } : {}) });
      await fresh.ready;
      expect(fresh.state.offset).toBeGreaterThanOrEqual(offset);
      // A delta that was on its way is the only difference that may be there for a moment.
      await until(`${view.view} ${view.sort} as the engine has it`, () => JSON.stringify(view.state.rows) === JSON.stringify(fresh.state.rows)).catch(() => {
        expect(view.state.rows).toEqual(fresh.state.rows);
      });
      expect([view.view, view.state.counters, view.state.more]).toEqual([view.view, fresh.state.counters, fresh.state.more]);
      fresh.close();
    }
    const fresh = luis.counters();
    await fresh.ready;
    await until("counters as the engine has them", () => JSON.stringify(sorted(counters.state)) === JSON.stringify(sorted(fresh.state))).catch(() => {
      expect(sorted(counters.state)).toEqual(sorted(fresh.state));
    });
    const board = luis.workload();
    await board.ready;
    const loads = ({ messages: _, ...state }: WorkloadState): unknown => state;
    await until("the workload as the engine has it", () => isDeepStrictEqual(loads(workload.state), loads(board.state))).catch(() => {
      expect(loads(workload.state)).toEqual(loads(board.state));
    });
    expect(board.state.total.contacts).toBe(Object.values(board.state.agents).reduce((sum, one) => sum + one.contacts, board.state.unassigned.contacts));
    expect(board.state.teams.sales?.contacts ?? 0).toBe(fresh.state["team:sales"]!.contacts);
    luis.close();
    worker.close();
    await proxy.close();
  });

  it("R10 every message arrives once and in order although the line is cut in the middle of them", async () => {
    const proxy = await CuttingProxy.to(() => engine.port);
    const ana = await open(engine.token({ sub: "ana" }), { url: `ws://127.0.0.1:${proxy.port}/ws` });
    const { contact } = await writes("cut", "hello");
    const opened = ana.contact(contact);
    await opened.ready;
    const texts = Array.from({ length: 60 }, (_, i) => `message ${i}`);
    const sending: Promise<unknown>[] = [];
    let lost = 0;
    ana.onState((state) => {
      if (state.phase === "waiting") ++lost;
    });
    for (const [i, text] of texts.entries()) {
      sending.push(ana.call("message.send", { contact, text }));
      if (i % 10 === 9) {
        // Somewhere in the next kilobytes: between a command and its reply, or in the middle of a frame.
        proxy.cutAfter(300 + i * 37);
        await Promise.all(sending);
      }
    }
    await Promise.all(sending);
    expect(lost).toBeGreaterThan(2);
    const { entries } = await ana.call("timeline.page", { contact, limit: 200 });
    expect(entries.flatMap((one) => (one.kind === "message" && one.direction === "out" ? [one.text] : []))).toEqual(texts);
    await until("the folded timeline", () => opened.state.entries[opened.state.entries.length - 1]?.seq === entries[entries.length - 1]!.seq);
    expect(opened.state.entries.slice(-entries.length)).toEqual(entries.slice(-opened.state.entries.length));
    ana.close();
    await proxy.close();
  });

  it("a restart of the engine loses nothing: the same epoch, and what was missed arrives", async () => {
    const ana = await open(engine.token({ sub: "ana" }));
    const { contact } = await writes("restart", "before");
    const all = ana.view("all", { limit: 200 });
    const opened = ana.contact(contact);
    await Promise.all([all.ready, opened.ready]);
    const before = ana.session!;
    await engine.stop("SIGKILL");
    await until("it knows", () => all.phase === "stale");
    await engine.run();
    await until("it is back", () => all.phase === "live" && opened.phase === "live");
    expect(ana.session!.epoch).toBe(before.epoch);
    expect(ana.session!.offset).toBeGreaterThanOrEqual(before.offset);
    await until("the connector is back", () => connector.state.phase === "online");
    await writes("restart", "after");
    await until("what came after", () => opened.state.entries.some((one) => one.kind === "message" && one.text === "after"));
    await until("the row", () => all.state.rows.find((row) => row.id === contact)?.last_message?.preview === "after");
    ana.close();
  });

  it("older history comes page by page to the first entry", async () => {
    const ana = await open(engine.token({ sub: "ana" }));
    const { contact } = await writes("long", "1");
    for (let i = 2; i <= 70; ++i) await writes("long", String(i));
    const opened = ana.contact(contact, { limit: 20 });
    await opened.ready;
    expect([opened.state.entries.length, opened.state.more]).toEqual([20, true]);
    while (opened.state.more) await opened.loadOlder(15);
    expect(opened.state.entries.map((one) => one.seq)).toEqual(Array.from({ length: opened.state.contact!.last_seq }, (_, i) => i + 1));
    ana.close();
  });

  it("S33 a window of a long list moves by its cursors and stays exact there", async () => {
    const ana = await open(engine.token({ sub: "ana" }));
    for (let i = 0; i < 30; ++i) await writes(`list-${i}`, "x");
    const whole = ana.view("all", { limit: 200 });
    const part = ana.view("all", { limit: 5 });
    await Promise.all([whole.ready, part.ready]);
    for (let page = 1; page <= 4; ++page) {
      await part.setWindow({ after: part.state.cursor, limit: 5 });
      expect(part.state.rows.map((row) => row.id)).toEqual(whole.state.rows.slice(page * 5, page * 5 + 5).map((row) => row.id));
    }
    await part.setWindow({ limit: 200 });
    expect(part.state.rows).toEqual(whole.state.rows);
    ana.close();
  });

  it("S31 S36 a view that is deleted ends its subscriptions and leaves the counters", async () => {
    const { view } = await admin.call("view.create", { name: "Urgent", filter: { all: [{ field: "priority", op: "eq", value: "urgent" }] }, visibility: "workspace" });
    const ana = await open(engine.token({ sub: "ana" }));
    const list = ana.view(view);
    const counters = ana.counters();
    await Promise.all([list.ready, counters.ready]);
    expect(counters.state).toHaveProperty([view]);
    await admin.call("view.delete", { view });
    await until("its end", () => list.phase === "ended");
    expect(list.ended?.reason).toBe("deleted");
    await until("the counters without it", () => !(view in counters.state));
    ana.close();
  });

  it("R14 a merged contact leads to the primary", async () => {
    const ana = await open(engine.token({ sub: "boss", role: "manager" }));
    const first = await writes("merge-1", "one");
    const second = await writes("merge-2", "two");
    const opened = ana.contact(second.contact);
    await opened.ready;
    await ana.call("contact.merge", { contact: first.contact, from: second.contact });
    await until("its end", () => opened.phase === "ended");
    expect(opened.ended).toEqual({ reason: "merged", contact: first.contact });
    expect((await ana.call("contact.get", { contact: second.contact })).contact.id).toBe(first.contact);
    ana.close();
  });

  it("presence: who is online, who looks on, who writes, and what calls for an agent", async () => {
    const ana = await open(engine.token({ sub: "ana" }));
    const boss = await open(engine.token({ sub: "boss", role: "manager" }));
    const changed: string[] = [];
    const agents = boss.agents((changes) => changed.push(...(changes.teams ?? []).map((team) => team.name), ...(changes.agents_removed ?? [])));
    const heard: string[] = [];
    const notes = ana.notifications((one) => heard.push(`${one.kind} ${one.contact}`));
    const { contact } = await writes("presence", "hi");
    const opened = boss.contact(contact);
    await Promise.all([agents.ready, notes.ready, opened.ready]);
    await until("ana online", () => agents.state.ana === "online");
    await ana.call("presence.set", { status: "busy" });
    await until("ana busy", () => agents.state.ana === "busy");
    await admin.call("team.put", { id: "late", name: "Late shift" });
    await admin.call("agent.put", { id: "gone", name: "Gone", role: "agent" });
    await admin.call("agent.remove", { id: "gone" });
    await until("both are told", () => changed.join() === "Late shift,gone");
    const hers = ana.contact(contact);
    await hers.ready;
    await ana.call("viewing.set", { contact, on: true });
    await ana.call("typing.set", { contact, on: true });
    await until("ana is seen", () => opened.state.viewers.includes("ana") && opened.state.typing.some((who) => who.id === "ana"));
    await boss.call("contact.assign", { contact, assignee: "ana" });
    await boss.call("comment.add", { contact, text: "@Ana look", mentions: ["ana"] });
    await until("she hears of both", () => heard.includes(`assigned ${contact}`) && heard.includes(`mention ${contact}`));
    await ana.call("presence.set", { status: "online" });
    ana.close();
    await until("ana offline", () => agents.state.ana === "offline");
    await until("she is gone from the contact", () => !opened.state.viewers.includes("ana"));
    boss.close();
  });

  it("errors have their reason and field, and the session goes on", async () => {
    const ana = await open(engine.token({ sub: "ana" }));
    const fails = (call: Promise<unknown>): Promise<[string, string | undefined]> =>
      call.then(() => ["done", undefined], (error: InboxError) => [error.reason, error.field]);
    expect(await fails(ana.call("contact.get", { contact: "no-such" }))).toEqual(["not_found", "contact"]);
    expect(await fails(ana.call("view.subscribe", { view: "all", limit: 201 }))).toEqual(["invalid_params", "limit"]);
    expect((await fails(ana.call("channel.put", { id: "x", kind: "sms", name: "x" })))[0]).toBe("forbidden");
    const { contact } = await writes("errors", "x");
    const { version } = await ana.call("contact.assign", { contact, assignee: "ana" });
    const conflict = await ana.call("contact.done", { contact, expect_version: version - 1 }).catch((e: InboxError) => e) as InboxError;
    expect([conflict.reason, conflict.data.version]).toEqual(["conflict", version]);
    expect((await fails(ana.call("nonsense" as "view.list", {})))[0]).toBe("method_not_found");
    expect((await ana.call("agent.list", {})).agents.length).toBeGreaterThan(1);
    ana.close();
  });

  it("a token that is not good ends the client, and says so", async () => {
    const client = new InboxClient({ url: engine.ws, token: "not.a.token", ...brisk });
    await expect(client.connect()).rejects.toMatchObject({ reason: "unauthenticated" });
    expect(client.state.phase).toBe("closed");
  });

  it("a session lasts as long as its tokens: it ends with the last one, and goes on while there are others", async () => {
    const ttl = "3";
    let asked = 0;
    const renewed = await open("", {
      token: () => {
        ++asked;
        return engine.token({ sub: "luis", ttl });
      },
    });
    const refreshed = await open(engine.token({ sub: "ana", ttl }));
    await refreshed.refresh(engine.token({ sub: "ana", ttl: "3600" }));
    const short = await open(engine.token({ sub: "boss", role: "manager", ttl }));
    await until("the end of the one whose token is over", () => short.state.phase === "closed");
    expect(short.state).toMatchObject({ error: { reason: "unauthenticated" } });
    await until("another token for the one that can get some", () => asked > 2);
    expect([renewed.state.phase, refreshed.state.phase]).toEqual(["online", "online"]);
    renewed.close();
    refreshed.close();
  });

  it("its types know the methods and parameters of the engine's OpenRPC document, and no others; and all that it says is returned and pushed", async () => {
    interface Schema { properties?: Record<string, unknown>; allOf?: Array<{ $ref?: string } & Schema> }
    interface Described {
      methods: Array<{ name: string; description: string; params: Array<{ name: string }> }>;
      components: { schemas: Record<string, Schema> };
    }
    const document = (await admin.call("rpc.discover", {})) as unknown as Described;
    const described = Object.fromEntries(document.methods.map((method) => [method.name, method.params.map((one) => one.name).sort()]));
    const known = Object.fromEntries(Object.entries(param_names).map(([name, params]) => [name, params === null ? described[name] : Object.keys(params).sort()]));
    expect(known).toEqual(described);

    // What is pushed, and every member that the document names of what is returned.
    const pushed = new Set(document.methods.flatMap((method) => [...method.description.matchAll(/Brings `([a-z._]+)`/g)].map((found) => found[1]!)));
    expect([...pushed].filter((name) => !(name in push_names))).toEqual([]);
    const propertiesOf = (schema: Schema): string[] => [
      ...Object.keys(schema.properties ?? {}),
      ...(schema.allOf ?? []).flatMap((part) => propertiesOf(part.$ref ? document.components.schemas[part.$ref.split("/").at(-1)!]! : part)),
    ];
    for (const [name, known] of Object.entries(members)) {
      const told = propertiesOf(document.components.schemas[name]!);
      expect(told.length, name).toBeGreaterThan(0);
      expect(told.filter((member) => !(member in known)), name).toEqual([]);
    }
  });
});

function sorted<T>(record: Readonly<Record<string, T>>): Array<[string, T]> {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

// Peer (d): a live-query product as a team would pick it. Parse Server on PostgreSQL keeps contacts and messages and says
// by LiveQuery what changed; around it this front keeps the lists, since a live query has neither order nor limit: an event
// marks its view, and the view's query is run again at most every 100 ms. Node, one process; Parse on Express beside it.
import { createServer } from "node:http";
import { once } from "node:events";
import express from "express";
import { ParseServer } from "parse-server";
import Parse from "parse/node.js";
import { Counters, viewsOf } from "../lib/counters.mjs";
import { freePort } from "../lib/free_port.mjs";
import { previewOf, rowOf } from "../lib/rows.mjs";
import { serve } from "../lib/serve_ws.mjs";
import { start } from "../lib/start.mjs";
import { Windows } from "../lib/windows.mjs";
import { startPostgres } from "../postgres/cluster.mjs";

const appId = "bench";
const masterKey = "bench-master";
const poolSize = 24;
const master = { useMasterKey: true };
const duplicateValue = 137;
const requestsAtATime = 48;

/** At most `most` at a time: Parse's client opens a connection for each request, and loses some of a thousand. */
function gate(most) {
  const waiting = [];
  let running = 0;
  return async (act) => {
    if (running === most) await new Promise((resolve) => waiting.push(resolve));
    else ++running;
    try {
      return await act();
    } finally {
      if (waiting.length) waiting.shift()();
      else --running;
    }
  };
}

async function startParse(options) {
  const http = createServer();
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const serverURL = `http://127.0.0.1:${http.address().port}/parse`;
  const text = { type: "String" };
  const number = { type: "Number" };
  const server = new ParseServer({
    databaseURI: `postgres://${options.user}@127.0.0.1:${options.port}/${options.database}?poolSize=${poolSize}`,
    appId, masterKey, serverURL, encodeParseObjectInCloudFunction: true, enableInsecureAuthAdapters: false, masterKeyIps: ["127.0.0.1", "::1"], allowCustomObjectId: true, directAccess: false, silent: true, logLevel: "error", logsFolder: null,
    liveQuery: { classNames: ["Contact"] },
    schema: {
      definitions: [
        { className: "Contact", fields: { channel: text, externalId: text, assignee: text, unread: number, waitingSince: number, sortAt: number, lastSeq: number, preview: text, revision: number },
          indexes: { by_sort: { sortAt: -1 }, by_assignee: { assignee: 1, sortAt: -1 } }, classLevelPermissions: { find: { "*": true }, get: { "*": true } } },
        { className: "Message", fields: { contact: text, seq: number, at: number, direction: text, type: text, text }, indexes: { by_contact: { contact: 1, seq: 1 } } },
      ],
      strict: true,
    },
  });
  await server.start();
  const app = express();
  app.use("/parse", server.app);
  http.on("request", app);
  await ParseServer.createLiveQueryServer(http);
  Parse.initialize(appId, undefined, masterKey);
  Parse.serverURL = serverURL;
  Parse.allowCustomObjectId = true;  // a message is named by its provider id, so that a second one is refused
}

/** False if there is one with that id. Parse's client sends a request again when its connection breaks, so that may be our own. */
async function saveNew(object, fields) {
  try {
    await object.save(fields, master);
    return true;
  } catch (error) {
    if (error.code === duplicateValue) return false;
    throw error;
  }
}

class Engine {
  constructor() {
    this.gate = gate(requestsAtATime);
    this.contacts = new Map();  // by id: the object as last saved
    this.byAccount = new Map();  // promises: two first messages make one contact
    this.seen = new Set();
    this.turns = new Map();
    this.counters = new Counters();
    this.offset = 0;
    this.windows = new Windows((view, limit) => this.read(view, limit), { interval: Number(process.env.INTERVAL ?? 100) });
  }

  async follow() {
    const client = new Parse.LiveQueryClient({ applicationId: appId, masterKey, serverURL: Parse.serverURL.replace("http", "ws") });
    client.open();
    const live = client.subscribe(new Parse.Query("Contact"));
    await live.subscribePromise;
    for (const event of ["create", "update"]) live.on(event, (object) => this.windows.touched([...viewsOf(object.get("assignee")), "unassigned"]));
  }

  #contact(channel, externalId) {
    const key = `${channel} ${externalId}`;
    if (!this.byAccount.has(key)) {
      this.byAccount.set(key, null);  // counts it
      this.byAccount.set(key, (async () => {
        const id = `c${String(this.byAccount.size).padStart(12, "0")}`;
        const object = new Parse.Object("Contact");
        await saveNew(object, { id, channel, externalId, assignee: "", unread: 0, waitingSince: Date.now(), sortAt: Date.now(), lastSeq: 0, preview: "", revision: 1 });
        this.contacts.set(id, { object, assignee: "", unread: 0 });
        this.counters.change(null, { assignee: null, unread: 0 });
        return id;
      })());
    }
    return this.byAccount.get(key);
  }

  /** One after the other for each contact, so that seqs are given in order. */
  #inTurn(id, act) {
    const turn = (this.turns.get(id) ?? Promise.resolve()).then(act, act);
    this.turns.set(id, turn);
    return turn;
  }

  receive(message) {
    return this.gate(() => this.#receive(message));
  }

  async #receive({ channel, externalId, providerId, type, text }) {
    const id = await this.#contact(channel, externalId);
    return this.#inTurn(id, async () => {
      const at = Date.now();
      const known = this.contacts.get(id);
      const contact = known.object;
      const seq = (known.lastSeq ?? 0) + 1;
      const isNew = await saveNew(new Parse.Object("Message"), { id: providerId.replace(/[^a-zA-Z0-9]/g, "_"), contact: id, seq, at, direction: "in", type, text });
      if (!isNew && this.seen.has(providerId)) return { contact: id, seq: known.lastSeq, offset: this.offset, duplicate: true };
      this.seen.add(providerId);
      contact.increment("unread");
      await contact.save({ sortAt: at, lastSeq: seq, preview: previewOf(text) }, master);
      this.counters.change({ assignee: known.assignee || null, unread: known.unread }, { assignee: known.assignee || null, unread: known.unread + 1 });
      known.unread += 1;
      known.lastSeq = seq;
      return { contact: id, seq, offset: ++this.offset, duplicate: false };
    });
  }

  assign(id, assignee) {
    return this.#inTurn(id, async () => {
      const known = this.contacts.get(id);
      const contact = known.object;
      contact.increment("revision");
      await contact.save({ assignee }, master);
      this.counters.change({ assignee: known.assignee || null, unread: known.unread }, { assignee, unread: known.unread });
      known.assignee = assignee;
      return { offset: ++this.offset, version: 2 };
    });
  }

  async timeline(id, beforeSeq, limit) {
    const query = new Parse.Query("Message").equalTo("contact", id).descending("seq").limit(limit + 1);
    if (beforeSeq !== null) query.lessThan("seq", beforeSeq);
    const found = await query.find(master);
    const entries = found.slice(0, limit).reverse().map((m) => ({ seq: m.get("seq"), at: m.get("at"), kind: "message", direction: "in", type: m.get("type"), text: m.get("text") }));
    return { entries, more: found.length > limit };
  }

  async read(view, limit) {
    const [name, agent] = view.split(":");
    const query = new Parse.Query("Contact").descending("sortAt").addAscending("objectId").limit(limit);
    if (name === "unassigned") query.equalTo("assignee", "");
    if (agent) query.equalTo("assignee", agent);
    const rows = (await query.find(master)).map((o) => rowOf({ id: o.id, externalId: o.get("externalId"), channel: o.get("channel"), version: o.get("revision"),
      assignee: o.get("assignee") || null, unread: o.get("unread"), waitingSince: o.get("waitingSince"), lastSeq: o.get("lastSeq"), sortAt: o.get("sortAt"), preview: o.get("preview") }));
    return { rows, counters: this.counters.of(view) };
  }
}

const { options, stop } = await startPostgres(process.env.DATA, "select 1", { port: await freePort() });
await startParse(options);
const engine = new Engine();
await engine.follow();
await start(serve, engine, stop);

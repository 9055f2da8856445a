// Peer (a): PostgreSQL 15 with synchronous_commit=on behind Node and `ws`. BATCH=1: one transaction a message, over a
// pool; otherwise what came in while the last statement ran is the next set-based statement, on LANES connections.
import { readFileSync } from "node:fs";
import pg from "pg";
import { Counters, viewsOf } from "../lib/counters.mjs";
import { previewOf, rowOf } from "../lib/rows.mjs";
import { serve } from "../lib/serve_ws.mjs";
import { start } from "../lib/start.mjs";
import { Windows } from "../lib/windows.mjs";
import { startPostgres } from "./cluster.mjs";
import * as sql from "./statements.mjs";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const batchMax = 1024;
const lanes = 2;
const poolSize = 24;
const uniqueViolation = "23505";

const contactId = (id) => `c${String(id).padStart(12, "0")}`;
const numberOf = (id) => Number(id.slice(1));

class Engine {
  constructor(options, batched) {
    this.pool = new pg.Pool({ ...options, max: batched ? lanes + 2 : poolSize });
    this.pool.on("error", (error) => console.error(`a connection that was not in use ended: ${error.message}`));
    this.batched = batched;
    this.waiting = [];
    this.running = 0;
    this.offset = 0;
    this.counters = new Counters();
    this.windows = new Windows((view, limit) => this.read(view, limit), { interval: Number(process.env.INTERVAL ?? 100) });
  }

  receive(message) {
    return this.batched ? this.#enqueue(message) : this.#one(message);
  }

  async #one(m) {
    const at = Date.now();
    let row;
    try {
      ({ rows: [row] } = await this.pool.query({ ...sql.receiveOne, values: [m.channel, m.externalId, m.providerId, m.type, at, m.text, previewOf(m.text)] }));
    } catch (error) {
      if (error.code !== uniqueViolation) throw error;
      ({ rows: [row] } = await this.pool.query({ ...sql.findByProviderId, values: [m.channel, m.providerId] }));
      return { contact: contactId(row.id), seq: row.seq, offset: this.offset, duplicate: true };
    }
    this.counters.change(row.created ? null : { assignee: row.assignee, unread: row.unread - 1 }, row);
    this.windows.touched(viewsOf(row.assignee));
    return { contact: contactId(row.id), seq: row.seq, offset: ++this.offset, duplicate: false };
  }

  #enqueue(message) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, resolve, reject });
      if (this.running < lanes) setImmediate(() => this.#run());
    });
  }

  async #run() {
    if (this.running >= lanes || !this.waiting.length) return;
    ++this.running;
    const batch = this.#take();
    try {
      // A provider id that the other lane wrote meanwhile: the second time it is seen and left out.
      await this.#many(batch).catch((error) => (error.code === uniqueViolation ? this.#many(batch) : Promise.reject(error)));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
    --this.running;
    this.#run();
  }

  /** The next messages, none of which comes twice; what does waits for the next batch. */
  #take() {
    const seen = new Set();
    const again = [];
    const batch = this.waiting.splice(0, batchMax).filter((one) => {
      const key = `${one.message.channel} ${one.message.providerId}`;
      if (seen.has(key)) again.push(one);
      return !seen.has(key) && seen.add(key);
    });
    this.waiting.unshift(...again);
    return batch;
  }

  async #many(batch) {
    const column = (get) => batch.map(({ message }) => get(message));
    const { rows } = await this.pool.query({ ...sql.receiveMany, values: [column((m) => m.channel), column((m) => m.externalId), column((m) => m.providerId),
      column((m) => m.type), column((m) => m.text), column((m) => previewOf(m.text)), Date.now()] });
    const touched = new Set();
    for (const row of rows) {
      if (row.nth === row.n) {
        this.counters.change(row.created ? null : { assignee: row.assignee, unread: row.unread - row.n }, row);
        for (const view of viewsOf(row.assignee)) touched.add(view);
      }
      const one = batch[row.ord - 1];
      one.done = true;
      one.resolve({ contact: contactId(row.id), seq: row.seq, offset: ++this.offset, duplicate: false });
    }
    this.windows.touched(touched);
    for (const { done, message: m, resolve } of batch) {
      if (done) continue;
      const { rows: [row] } = await this.pool.query({ ...sql.findByProviderId, values: [m.channel, m.providerId] });
      resolve({ contact: contactId(row.id), seq: row.seq, offset: this.offset, duplicate: true });
    }
  }

  async assign(contact, assignee) {
    const { rows: [row] } = await this.pool.query({ ...sql.assign, values: [numberOf(contact), assignee] });
    this.counters.change({ assignee: row.former, unread: row.unread }, { assignee, unread: row.unread });
    this.windows.touched([...viewsOf(row.former), ...viewsOf(assignee)]);
    return { offset: ++this.offset, version: row.version };
  }

  async timeline(contact, beforeSeq, limit) {
    const { rows } = await this.pool.query({ ...sql.timeline, values: [numberOf(contact), beforeSeq ?? 2 ** 31 - 1, limit + 1] });
    const more = rows.length > limit;
    return { entries: rows.slice(0, limit).reverse().map((row) => ({ kind: "message", ...row })), more };
  }

  async read(view, limit) {
    const [name, agent] = view.split(":");
    const { rows } = await this.pool.query({ ...sql.windows[name], values: agent ? [agent, limit] : [limit] });
    return { counters: this.counters.of(view), rows: rows.map((row) => rowOf({ id: contactId(row.id), externalId: row.external_id, channel: row.channel,
      version: row.version, assignee: row.assignee, unread: row.unread, waitingSince: row.waiting_since, lastSeq: row.last_seq, sortAt: row.sort_at, preview: row.preview })) };
  }
}

const { options, stop } = await startPostgres(process.env.DATA, readFileSync(new URL("schema.sql", import.meta.url), "utf8"));
const engine = new Engine(options, process.env.BATCH !== "1");
await start(serve, engine, async () => {
  await engine.pool.end().catch(() => {});
  await stop();
});

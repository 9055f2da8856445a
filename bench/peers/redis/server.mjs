// Peer (b): Redis 7 with `appendfsync always`, sorted sets as views, one Lua transition for what came in since the last
// one, and uWebSockets (in Bun) in front. Redis answers after its group's sync. Run by Bun.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "redis";
import { Counters, viewsOf } from "../lib/counters.mjs";
import { freePort } from "../lib/free_port.mjs";
import { previewOf, rowOf } from "../lib/rows.mjs";
import { serve } from "../lib/serve_bun.mjs";
import { start } from "../lib/start.mjs";
import { Windows } from "../lib/windows.mjs";

const batchMax = 64;  // messages a transition: Redis serves nobody else meanwhile
const script = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

async function startRedis(dir) {
  const port = await freePort();
  const child = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes",
    "--appendfsync", "always", "--auto-aof-rewrite-min-size", "4gb", "--daemonize", "no", "--logfile", join(dir, "redis.log")], { stdio: "ignore" });
  child.once("error", (error) => { console.error(`redis-server: ${error.message}`); process.exit(1); });
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: (tries) => (tries > 100 ? new Error("redis-server does not answer") : 50) } });
  client.on("error", () => {});
  await client.connect();
  return { child, client };
}

class Engine {
  constructor(client, scripts) {
    this.client = client;
    this.scripts = scripts;
    this.waiting = [];
    this.counters = new Counters();
    this.offset = 0;
    this.windows = new Windows((view, limit) => this.read(view, limit), { interval: Number(process.env.INTERVAL ?? 100) });
  }

  #call(name, args) {
    return this.client.evalSha(this.scripts[name], { keys: [], arguments: args });
  }

  receive(message) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush() {
    const all = this.waiting;
    this.waiting = [];
    for (let i = 0; i < all.length; i += batchMax) this.#transition(all.slice(i, i + batchMax));
  }

  async #transition(batch) {
    const at = Date.now();
    const args = [String(at)];
    for (const { message: m } of batch) {
      const entry = JSON.stringify({ at, kind: "message", direction: "in", type: m.type, text: m.text, provider_id: m.providerId });
      args.push(m.channel, m.externalId, m.providerId, entry, previewOf(m.text));
    }
    try {
      const answers = await this.#call("transition", args);
      const touched = new Set();
      for (const [i, [contact, seq, duplicate, assignee, unread]] of answers.entries()) {
        if (!duplicate) {
          this.counters.change(unread < 0 ? null : { assignee, unread }, { assignee, unread: Math.max(unread, 0) + 1 });
          for (const view of viewsOf(assignee)) touched.add(view);
        }
        batch[i].resolve({ contact, seq, offset: ++this.offset, duplicate: duplicate === 1 });
      }
      this.windows.touched(touched);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }

  async assign(contact, assignee) {
    const [version, former, unread] = await this.#call("assign", [contact, assignee]);
    this.counters.change({ assignee: former, unread }, { assignee, unread });
    this.windows.touched([...viewsOf(former), ...viewsOf(assignee)]);
    return { offset: ++this.offset, version };
  }

  async timeline(contact, beforeSeq, limit) {
    const end = (beforeSeq ?? Number.MAX_SAFE_INTEGER) - 2;
    const length = await this.client.lLen(`timeline:${contact}`);
    const last = Math.min(length - 1, end);
    const from = Math.max(0, last - limit + 1);
    const texts = last < 0 ? [] : await this.client.lRange(`timeline:${contact}`, from, last);
    return { entries: texts.map((text, i) => ({ seq: from + i + 1, ...JSON.parse(text) })), more: from > 0 };
  }

  async read(view, limit) {
    const found = await this.#call("window", [view, String(limit)]);
    const counters = this.counters.of(view);
    const rows = found.map(([externalId, channel, version, assignee, unread, waitingSince, lastSeq, sortAt, preview, id]) =>
      rowOf({ id, externalId, channel, version: Number(version), assignee: assignee || null, unread: Number(unread),
        waitingSince: Number(waitingSince), lastSeq: Number(lastSeq), sortAt: Number(sortAt), preview }));
    return { rows, counters };
  }
}

const { child, client } = await startRedis(process.env.DATA);
const scripts = {};
for (const name of ["transition", "assign", "window"]) scripts[name] = await client.scriptLoad(script(`${name}.lua`));
await start(serve, new Engine(client, scripts), async () => { child.kill("SIGTERM"); });

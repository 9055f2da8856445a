// Peer (c): everything in one process's memory. A B+ tree a view, an append-only log that is synced in groups: while
// one fdatasync runs, the next group gathers, and nothing is answered before its group is on disk. Run by Bun.
import { open } from "node:fs/promises";
import { join } from "node:path";
import BTreeModule from "sorted-btree";
import { Counters, viewsOf } from "../lib/counters.mjs";
import { previewOf, rowOf } from "../lib/rows.mjs";
import { serve } from "../lib/serve_bun.mjs";
import { start } from "../lib/start.mjs";
import { Windows } from "../lib/windows.mjs";

const BTree = BTreeModule.default ?? BTreeModule;
const newestFirst = (a, b) => b.sortAt - a.sortAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Appends lines and calls back once they are synced. */
class Log {
  constructor(file) {
    this.file = file;
    this.lines = [];
    this.waiting = [];
    this.busy = false;
  }
  append(line, done) {
    this.lines.push(line);
    this.waiting.push(done);
    if (!this.busy) {
      this.busy = true;
      setImmediate(() => this.#run());
    }
  }
  async #run() {
    while (this.lines.length) {
      const text = this.lines.join("");
      const waiting = this.waiting;
      this.lines = [];
      this.waiting = [];
      await this.file.write(text);
      await this.file.datasync();
      for (const done of waiting) done();
    }
    this.busy = false;
  }
}

class Engine {
  constructor(log) {
    this.log = log;
    this.contacts = new Map();  // by id
    this.byAccount = new Map();
    this.providerIds = new Map();
    this.trees = new Map();
    this.counters = new Counters();
    this.windows = new Windows((view, limit) => this.read(view, limit), { interval: Number(process.env.INTERVAL ?? 100) });
    this.offset = 0;
  }

  read(view, limit) {
    const rows = [];
    const tree = this.trees.get(view);
    if (tree) {
      for (const place of tree.keys()) {
        const { contact } = place;
        if (rows.push((contact.row ??= rowOf(contact))) === limit) break;
      }
    }
    return { rows, counters: this.counters.of(view) };
  }

  tree(view) {
    let tree = this.trees.get(view);
    if (!tree) this.trees.set(view, (tree = new BTree(undefined, newestFirst)));
    return tree;
  }

  receive({ channel, externalId, providerId, type, text }) {
    const providerKey = `${channel} ${providerId}`;
    const known = this.providerIds.get(providerKey);
    if (known) return Promise.resolve({ ...known, duplicate: true });
    const at = Date.now();
    const account = `${channel} ${externalId}`;
    let contact = this.byAccount.get(account);
    if (!contact) {
      contact = { id: `c${String(this.contacts.size + 1).padStart(12, "0")}`, channel, externalId, version: 1, assignee: null, unread: 0, waitingSince: at, lastSeq: 0, timeline: [] };
      this.contacts.set(contact.id, contact);
      this.byAccount.set(account, contact);
    }
    const entry = { seq: contact.lastSeq + 1, at, kind: "message", direction: "in", type, text, provider_id: providerId };
    const result = { contact: contact.id, seq: entry.seq, offset: ++this.offset };
    this.providerIds.set(providerKey, result);
    this.change(contact, () => {
      contact.lastSeq = entry.seq;
      contact.timeline.push(entry);
      ++contact.unread;
      contact.sortAt = at;
      contact.preview = previewOf(text);
    });
    return this.commit(JSON.stringify({ offset: result.offset, contact: contact.id, channel, externalId, entry }), contact, { ...result, duplicate: false });
  }

  assign(id, assignee) {
    const contact = this.contacts.get(id);
    const left = contact.assignee;
    this.change(contact, () => {
      contact.assignee = assignee;
      ++contact.version;
    });
    const offset = ++this.offset;
    return this.commit(JSON.stringify({ offset, contact: id, assignee }), contact, { offset, version: contact.version }, viewsOf(left));
  }

  async timeline(id, beforeSeq, limit) {
    const all = this.contacts.get(id).timeline;
    const end = beforeSeq === null ? all.length : Math.min(all.length, beforeSeq - 1);
    const from = Math.max(0, end - limit);
    return { entries: all.slice(from, end), more: from > 0 };
  }

  change(contact, act) {
    const before = contact.place ? { assignee: contact.assignee, unread: contact.unread } : null;
    if (contact.place) for (const view of viewsOf(contact.assignee)) this.trees.get(view).delete(contact.place);
    act();
    contact.row = null;  // made when a window shows it
    contact.place = { id: contact.id, sortAt: contact.sortAt, contact };
    for (const view of viewsOf(contact.assignee)) this.tree(view).set(contact.place, undefined);
    this.counters.change(before, contact);
  }

  commit(record, contact, result, left = []) {
    const views = [...viewsOf(contact.assignee), ...left];
    return new Promise((resolve) => {
      this.log.append(record + "\n", () => {
        this.windows.touched(views);
        resolve(result);
      });
    });
  }
}

const file = await open(join(process.env.DATA, "log.ndjson"), "a", 0o600);
await start(serve, new Engine(new Log(file)));

// Live windows over a store that answers "the first N rows of a view" and "its counters". A window is shared by all
// who watch the same view with the same limit: it is read again at most every `interval` ms while its view changes
// (at once after a pause), compared with what the watchers have, and the difference is encoded once for all of them.
// This is what a good team does on a database: invalidate by view, re-run the query, send the difference.

/** The ops that lead from one list of rows to another. Rows that did not change are the same by `same`. */
export function difference(before, after, same) {
  const ops = [];
  const old = new Map(before.map((row) => [row.id, row]));
  const now = new Set(after.map((row) => row.id));
  for (const row of before) if (!now.has(row.id)) ops.push({ op: "del", id: row.id });
  // A row that did not change has the same sort key, so such rows keep their order: only the others are put.
  for (let i = after.length - 1; i >= 0; --i) {
    const former = old.get(after[i].id);
    if (!former || !same(former, after[i])) ops.push({ op: "put", row: after[i], before: i + 1 < after.length ? after[i + 1].id : null });
  }
  return ops;
}

const sameRow = (a, b) => a === b || (a.version === b.version && a.last_message?.seq === b.last_message?.seq && a.unread === b.unread && a.assignee === b.assignee);
const sameCounters = (a, b) => a.contacts === b.contacts && a.unread_contacts === b.unread_contacts && a.unread_messages === b.unread_messages;

export class Windows {
  /** `read(view, limit) -> {rows, counters} | Promise`: a consistent read; rows are never changed after they were given. */
  constructor(read, { interval = 100 } = {}) {
    this.read = read;
    this.interval = interval;
    this.offset = 0;  // grows with each commit
    this.windows = new Map();  // "view limit"
    this.ofView = new Map();
  }

  /** A commit touched these views. */
  touched(views) {
    ++this.offset;
    for (const view of views) for (const window of this.ofView.get(view) ?? []) this.refreshSoon(window);
  }

  async watch(view, limit, send) {
    const key = `${view} ${limit}`;
    let window = this.windows.get(key);
    if (!window) {
      window = { view, limit, rows: [], counters: null, offset: 0, watchers: new Set(), due: false, busy: null, last: 0, loaded: null };
      this.windows.set(key, window);
      this.ofView.set(view, [...(this.ofView.get(view) ?? []), window]);
      window.loaded = this.load(window);
    }
    await window.loaded;
    if (window.busy) await window.busy;
    const watcher = { send, deltas: 0 };  // since it was given the whole list
    window.watchers.add(watcher);
    const whole = () => `"offset":${window.offset},"rows":${JSON.stringify(window.rows)},"counters":${JSON.stringify(window.counters)},` +
      `"more":${window.rows.length === window.limit},"cursor":null}`;
    /** The whole list again, and how many deltas there were since the last time. */
    const again = () => {
      const { deltas } = watcher;
      watcher.deltas = 0;
      return `{"deltas":${deltas},${whole()}`;
    };
    return { snapshot: `"epoch":"peer","recovered":false,${whole()}`, again, leave: () => window.watchers.delete(watcher) };
  }

  async load(window) {
    const offset = this.offset;
    const { rows, counters } = await this.read(window.view, window.limit);
    Object.assign(window, { rows, counters, offset });
  }

  refreshSoon(window) {
    if (window.due) return;
    window.due = true;
    const wait = Math.max(0, window.last + this.interval - performance.now());
    setTimeout(() => { window.busy = this.refresh(window).catch((error) => console.error(error)); }, wait);
  }

  async refresh(window) {
    await window.busy;
    window.due = false;  // what changes from here on is another refresh
    window.last = performance.now();
    const offset = this.offset;
    const { rows, counters } = await this.read(window.view, window.limit);
    const ops = difference(window.rows, rows, sameRow);
    const counted = sameCounters(counters, window.counters) ? null : counters;
    Object.assign(window, { rows, counters });
    if (!ops.length && !counted) return;
    window.offset = Math.max(offset, window.offset + 1);
    let tail = `"offset":${window.offset},"ops":${JSON.stringify(ops)}`;
    if (counted) tail += `,"counters":${JSON.stringify(counters)}`;
    tail += "}}";
    for (const watcher of window.watchers) {
      ++watcher.deltas;
      watcher.send(tail);
    }
  }
}

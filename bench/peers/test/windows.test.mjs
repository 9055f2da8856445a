// The peers must be right to be worth measuring: their differences lead where they say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { difference, Windows } from "../lib/windows.mjs";

function apply(rows, ops) {
  const list = rows.slice();
  for (const op of ops) {
    const id = op.op === "del" ? op.id : op.row.id;
    const at = list.findIndex((row) => row.id === id);
    if (at >= 0) list.splice(at, 1);
    else assert.equal(op.op, "put", `del of ${id}, which is not there`);
    if (op.op === "del") continue;
    const before = op.before === null ? list.length : list.findIndex((row) => row.id === op.before);
    assert.ok(before >= 0, `put before ${op.before}, which is not there`);
    list.splice(before, 0, op.row);
  }
  return list;
}

/** A repeatable sequence of numbers below `n` (xorshift). */
function random(seed) {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

test("the difference leads from one window to the next, whatever changed", () => {
  const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1e9));
  const pick = random(seed);
  const window = (contacts) => [...contacts].sort((a, b) => b.sortAt - a.sortAt || (a.id < b.id ? -1 : 1)).slice(0, 8);
  const same = (a, b) => a.version === b.version;
  let contacts = Array.from({ length: 20 }, (_, i) => ({ id: `c${i}`, version: 1, sortAt: pick(50) }));
  let rows = window(contacts);
  for (let step = 0; step < 500; ++step) {
    contacts = contacts.map((contact) => (pick(6) ? contact : { ...contact, version: contact.version + 1, sortAt: pick(50) }));
    const next = window(contacts);
    assert.deepEqual(apply(rows, difference(rows, next, same)), next, `seed ${seed}, step ${step}`);
    rows = next;
  }
});

test("rows that did not change are not sent again", () => {
  const rows = [{ id: "a", version: 1 }, { id: "b", version: 1 }];
  const ops = difference(rows, [{ id: "c", version: 1 }, ...rows], (a, b) => a.version === b.version);
  assert.deepEqual(ops, [{ op: "put", row: { id: "c", version: 1 }, before: "a" }]);
});

test("who asks for its list again hears how many deltas there were since it was last whole", async () => {
  let version = 0;
  const read = async () => ({ rows: [{ id: "a", version: ++version }], counters: { contacts: 1, unread_contacts: 0, unread_messages: 0 } });
  const windows = new Windows(read, { interval: 0 });
  let heard = () => {};
  const watched = await windows.watch("all", 50, () => heard());
  for (let times = 0; times < 3; ++times) {
    const delta = new Promise((done) => (heard = done));
    windows.touched(["all"]);
    await delta;
  }
  const again = JSON.parse(watched.again());
  assert.equal(again.deltas, 3);
  assert.deepEqual(again.rows, [{ id: "a", version }]);
  assert.equal(JSON.parse(watched.again()).deltas, 0);
});

// A naive model of the engine's side of a view: lists made at random, and the ops that lead from one to the next.
import fc from "fast-check";
import type { Row, ViewOp } from "../src/index.js";

export function row(id: string, mark = 0): Row {
  return {
    id, version: 1 + mark, name: `name ${id}`, status: "open", unread: mark, priority: "none", tags: [], blocked: false, sort_at: mark,
  };
}

/** Lists of rows with distinct ids out of a small pool, so that lists overlap. */
export const rows = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 3 })), { selector: ([n]) => n, maxLength: 20 })
  .map((list) => list.map(([n, mark]) => row(`c${n}`, mark)));

/** Ops from `from` to `to`, made the dull way: delete what went, then walk `to` from its end and put what is not in place. */
export function opsBetween(from: readonly Row[], to: readonly Row[]): ViewOp[] {
  const ops: ViewOp[] = [];
  const list = [...from];
  const wanted = new Set(to.map((r) => r.id));
  for (const old of from) {
    if (wanted.has(old.id)) continue;
    ops.push({ op: "del", id: old.id });
    list.splice(list.findIndex((r) => r.id === old.id), 1);
  }
  for (let i = to.length - 1; i >= 0; --i) {
    const target = to[i]!;
    const before = to[i + 1]?.id ?? null;
    const at = list.findIndex((r) => r.id === target.id);
    const follows = at >= 0 ? (list[at + 1]?.id ?? null) : undefined;
    if (at >= 0 && follows === before && JSON.stringify(list[at]) === JSON.stringify(target)) continue;
    ops.push({ op: "put", row: target, before });
    if (at >= 0) list.splice(at, 1);
    const to_index = before === null ? list.length : list.findIndex((r) => r.id === before);
    list.splice(to_index, 0, target);
  }
  return ops;
}

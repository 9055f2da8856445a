import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  empty_contact, empty_view, FoldError, foldContact, foldCounters, foldEntries, foldOlder, foldOps, foldView, foldWorkload,
  empty_workload, no_load, replaceWorkload, type Counters, type Entry, type Load, type Row, type ViewState, type Workload,
} from "../src/index.js";
import { opsBetween, row, rows } from "./naive.js";

const ids = (list: readonly Row[]): string[] => list.map((r) => r.id);

describe("a view's list", () => {
  it("equals the engine's after any ops from list A to list B", () => {
    fc.assert(fc.property(rows, rows, (a, b) => {
      expect(foldOps(a, opsBetween(a, b))).toEqual(b);
    }), { numRuns: 500 });
  });

  it("equals the engine's after any chain of deltas, and after a resume in the middle that carries the rest as one", () => {
    fc.assert(fc.property(fc.array(rows, { minLength: 2, maxLength: 8 }), fc.nat(), (chain, cut) => {
      const at = cut % chain.length;
      let live: ViewState = { ...empty_view, rows: chain[0]!, offset: 1 };
      let resumed = live;
      chain.forEach((next, i) => {
        if (i === 0) return;
        const ops = opsBetween(chain[i - 1]!, next);
        live = foldView(live, { offset: i + 1, ops });
        if (i <= at) resumed = live;
      });
      const missed = chain.slice(at).flatMap((next, i) => (i === 0 ? [] : opsBetween(chain[at + i - 1]!, next)));
      resumed = foldView(resumed, { offset: chain.length, ops: missed });
      expect(live.rows).toEqual(chain[chain.length - 1]);
      expect(resumed.rows).toEqual(live.rows);
    }));
  });

  it("leaves the list that it was given as it was", () => {
    fc.assert(fc.property(rows, rows, (a, b) => {
      const copy = structuredClone(a);
      foldOps(a, opsBetween(a, b));
      expect(a).toEqual(copy);
    }));
  });

  it("moves a row that is in the list already", () => {
    const list = [row("a"), row("b"), row("c")];
    expect(ids(foldOps(list, [{ op: "put", row: row("c", 1), before: "a" }]))).toEqual(["c", "a", "b"]);
    expect(ids(foldOps(list, [{ op: "put", row: row("a", 1), before: null }]))).toEqual(["b", "c", "a"]);
    expect(ids(foldOps(list, [{ op: "put", row: row("a", 1) }]))).toEqual(["b", "c", "a"]);
  });

  it("refuses a del or a before of an unknown id", () => {
    expect(() => foldOps([row("a")], [{ op: "del", id: "x" }])).toThrow(FoldError);
    expect(() => foldOps([row("a")], [{ op: "put", row: row("b"), before: "x" }])).toThrow(FoldError);
    // A row cannot be placed before itself: it is taken out first.
    expect(() => foldOps([row("a")], [{ op: "put", row: row("a"), before: "a" }])).toThrow(FoldError);
  });

  it("S32 keeps what a delta does not name and takes what it does, with no ops too", () => {
    const counters: Counters = { contacts: 3, unread_contacts: 1, unread_messages: 2 };
    const state: ViewState = { rows: [row("a")], counters, more: true, cursor: "k1", offset: 5 };
    expect(foldView(state, { offset: 6, ops: [], more: false })).toEqual({ ...state, offset: 6, more: false });
    expect(foldView(state, { offset: 6, ops: [], cursor: null }).cursor).toBeNull();
    expect(foldView(state, { offset: 6, ops: [{ op: "del", id: "a" }] }).counters).toBe(counters);
  });
});

describe("counters", () => {
  const some: fc.Arbitrary<Counters> = fc.record({ contacts: fc.nat(9), unread_contacts: fc.nat(9), unread_messages: fc.nat(9) });
  it("equal the engine's after any delta of only what changed, views that went included", () => {
    const dictionary = fc.dictionary(fc.constantFrom("all", "mine", "unassigned", "done", "v1"), some);
    fc.assert(fc.property(dictionary, dictionary, (a, b) => {
      const changed: Record<string, Counters | null> = {};
      for (const view of Object.keys(a)) if (!(view in b)) changed[view] = null;
      for (const [view, counters] of Object.entries(b)) {
        if (JSON.stringify(a[view]) !== JSON.stringify(counters)) changed[view] = counters;
      }
      expect(foldCounters(a, changed)).toEqual(b);
    }));
  });
});

describe("the workload", () => {
  const load: fc.Arbitrary<Load> = fc.record({ contacts: fc.nat(9) }).map((some) => ({ ...no_load, ...some }));
  const group = fc.dictionary(fc.constantFrom("a", "b", "c"), load);
  const workload: fc.Arbitrary<Required<Workload>> = fc.record({ total: load, unassigned: load, agents: group, teams: group, channels: group });
  const between = (a: Record<string, Load>, b: Record<string, Load>): Record<string, Load | null> =>
    ({ ...Object.fromEntries(Object.keys(a).filter((id) => !(id in b)).map((id) => [id, null])), ...b });

  it("equals the engine's after any delta, and its messages add up whatever comes between", () => {
    fc.assert(fc.property(fc.array(workload, { minLength: 2, maxLength: 5 }), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (chain, counts) => {
      let state = replaceWorkload(empty_workload, chain[0]!);
      chain.forEach((next, i) => {
        if (i === 0) return;
        const last = chain[i - 1]!;
        state = foldWorkload(state, {
          total: next.total, unassigned: next.unassigned, agents: between(last.agents, next.agents), teams: between(last.teams, next.teams),
          channels: between(last.channels, next.channels), messages: { in: counts[i - 1]!, out: 1 },
        });
      });
      const sum = counts.slice(0, chain.length - 1).reduce((a, b) => a + b, 0);
      expect(state).toEqual({ ...chain[chain.length - 1]!, messages: { in: sum, out: chain.length - 1 } });
      expect(replaceWorkload(state, chain[0]!).messages).toBe(state.messages);
    }));
  });
});

function entry(seq: number, offset: number): Entry {
  return {
    contact: "c1", seq, offset, at: seq * 10, kind: "comment", author: { kind: "agent", id: "ana" }, text: `version of ${offset}`,
  };
}

describe("a contact's timeline", () => {
  // The engine: a timeline of entries, each with the offset of its last change. Each change touches one, or appends one.
  const changes = fc.array(fc.nat(12), { minLength: 1, maxLength: 40 });

  it("equals the engine's whatever page it began with, however its deltas were grouped, with older pages loaded in between", () => {
    fc.assert(fc.property(changes, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), (picks, limit, step) => {
      const engine: Entry[] = [];
      let offset = 0;
      const change = (pick: number): Entry => {
        ++offset;
        const at = pick < engine.length ? pick : engine.length;
        return (engine[at] = entry(at + 1, offset));
      };
      for (let i = 0; i < 8; ++i) change(1000);
      let state = { ...empty_contact, entries: engine.slice(-limit), more: engine.length > limit, offset };
      for (let i = 0; i < picks.length; i += step) {
        // A page of older entries is asked for, changes come first, then the page as it was when it was read.
        const first = state.entries[0]!.seq;
        const page = { entries: engine.slice(Math.max(0, first - 4), first - 1), more: first - 4 > 0 };
        const late: Entry[] = [];
        const batch = new Map<number, Entry>();
        for (const pick of picks.slice(i, i + step)) {
          const changed = change(pick);
          batch.set(changed.seq, changed);
        }
        state = foldContact(state, { offset, entries: [...batch.values()].reverse() }, late) as typeof state;
        state = foldOlder(state, page, late) as typeof state;
      }
      expect(state.entries).toEqual(engine.slice(state.entries[0]!.seq - 1));
    }));
  });

  it("keeps the newer form of an entry when an older one comes after it", () => {
    expect(foldEntries([entry(1, 9)], [entry(1, 4)])).toEqual([entry(1, 9)]);
  });

  it("refuses a gap", () => {
    expect(() => foldEntries([entry(1, 1)], [entry(3, 3)])).toThrow(FoldError);
    expect(() => foldOlder({ ...empty_contact, entries: [entry(5, 5)] }, { entries: [entry(2, 2)], more: true }, [])).toThrow(FoldError);
  });
});

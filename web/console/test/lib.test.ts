import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Filter } from "@inboxd/client";
import { fromFilter, filter_fields, ops_of, toFilter, type FieldType } from "../src/lib/filter.js";
import { snoozePresets } from "../src/lib/snooze.js";
import { commonShift, movedCount, step, wantedWindow } from "../src/lib/window.js";

describe("the window of a long list", () => {
  it("always holds what is on screen once its cursors are known", () => {
    fc.assert(fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 40 }), (first, shown) => {
      const { page, limit } = wantedWindow(first, first + shown, 10_000);
      expect(page * step).toBeLessThanOrEqual(first);
      expect(page * step + limit).toBeGreaterThanOrEqual(first + shown);
    }));
  });

  it("can be walked to any row from the top: each window gives the cursors of those that follow", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 5_000 }), (target) => {
      let known = 1;
      let held = { page: 0, limit: step };
      for (let i = 0; i < 200; ++i) {
        known = Math.max(known, held.page + held.limit / step + 1);
        const seen = Math.min(target, held.page * step + held.limit - 1);
        const next = wantedWindow(seen, seen + 12, known);
        if (next.page === held.page && next.limit === held.limit) break;
        held = next;
      }
      expect(held.page * step).toBeLessThanOrEqual(target);
      expect(held.page * step + held.limit).toBeGreaterThan(target);
    }), { numRuns: 200 });
  });

  it("moves by what most rows on screen moved, not by the one that jumped to the top", () => {
    const before = new Map([["a", 10], ["b", 11], ["c", 12]]);
    expect(commonShift(before, new Map([["b", 0], ["a", 11], ["c", 13]]))).toBe(1);
    expect(commonShift(before, new Map([["x", 3]]))).toBe(0);
    expect(commonShift(before, before)).toBe(0);
  });
});

describe("snooze presets", () => {
  it("are to come, in order, and later today is today", () => {
    fc.assert(fc.property(fc.date({ min: new Date("2024-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }), (date) => {
      const now = date.getTime();
      const presets = snoozePresets(now);
      expect(presets.map((p) => p.until)).toEqual([...presets.map((p) => p.until)].sort((a, b) => a - b));
      for (const { until } of presets) expect(until).toBeGreaterThan(now);
      const later = presets.find((p) => p.key === "later");
      if (later) expect(new Date(later.until).getDate()).toBe(new Date(now).getDate());
      expect(new Date(presets.find((p) => p.key === "next_week")!.until).getDay()).toBe(1);
    }));
  });
});

describe("the filter builder", () => {
  const typeOf = (field: string): FieldType => filter_fields[field] ?? "text";

  it("makes what it can show again, unchanged", () => {
    const filter: Filter = {
      all: [
        { field: "status", op: "eq", value: "open" }, { field: "tags", op: "has_any", value: ["vip", "gold"] },
        { field: "last_inbound_at", op: "older_than", value: 30 * 60_000 }, { field: "unread", op: "between", value: [1, 5] },
        { field: "email", op: "exists" }, { field: "snoozed", op: "eq", value: false }, { field: "assignee", op: "eq", value: "$me" },
      ],
    };
    expect(toFilter(fromFilter(filter)!, typeOf)).toEqual(filter);
  });

  it("says which condition lacks its value", () => {
    const conditions = [{ field: "status", op: "eq" as const, value: "open" }, { field: "unread", op: "gt" as const, value: "many" }];
    expect(() => toFilter({ match: "all", conditions }, typeOf)).toThrow(expect.objectContaining({ index: 1 }));
  });

  it("leaves a nested filter to be shown as it is", () => {
    expect(fromFilter({ all: [{ not: { field: "status", op: "eq", value: "done" } }] })).toBeNull();
  });

  it("S29 offers each type the operators that the engine takes", () => {
    expect(ops_of.boolean).toEqual(["eq", "ne"]);
    expect(ops_of.priority).toEqual(["eq", "ne", "in", "not_in", "gt", "lt", "between"]);
    expect([...ops_of.time].sort()).toEqual(["between", "exists", "gt", "lt", "newer_than", "not_exists", "older_than"]);
    expect([...ops_of.tags].sort()).toEqual(["exists", "has_all", "has_any", "has_none", "not_exists"]);
  });
});

describe("what moved in a list", () => {
  it("counts the row that jumped, not the ones that it passed", () => {
    expect(movedCount(["a", "b", "c", "d"], ["d", "a", "b", "c"])).toBe(1);
    expect(movedCount(["a", "b", "c"], ["x", "a", "b", "c"])).toBe(1);
    expect(movedCount(["a", "b", "c"], ["c", "b", "a"])).toBe(2);
    expect(movedCount(["a", "b"], ["a", "b"])).toBe(0);
  });
});

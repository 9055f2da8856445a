import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChannelKind, ChannelRules, Filter } from "@inboxd/client";
import { conditionAt, fromFilter, filter_fields, ops_of, toFilter, type FieldType } from "../src/lib/filter.js";
import { windowOf } from "../src/lib/channel_window.js";
import { snoozePresets } from "../src/lib/snooze.js";
import { tagsThatFit } from "../src/lib/tags.js";
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

  it("S29 finds the condition, and the part of it, that an error of the engine is about", () => {
    expect(conditionAt("filter.all[1].op")).toEqual({ index: 1, part: "op" });
    expect(conditionAt("filter.any[0].value[3]")).toEqual({ index: 0, part: "value" });
    expect(conditionAt("filter.all[2]")).toEqual({ index: 2, part: null });
    for (const path of ["filter", "name", "filter.all[0].any[1].op", "filter.not.op", ""]) expect(conditionAt(path)).toBeNull();
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

describe("what may be sent through a channel", () => {
  const hour = 3_600_000;
  const now = 1_700_000_000_000;
  const rules = (more: Partial<ChannelRules>): ChannelRules =>
    ({ window_ms: 24 * hour, tagged_window_ms: 24 * hour, templates: false, must_have_written: false, sends_per_inbound: 0, statuses: ["sent"], ...more });
  const written = (ago: number) => ({
    channel: "c", kind: "custom" as ChannelKind, external_id: "x", last_inbound_at: now - ago, window: { open: true, closes_at: now - ago + 24 * hour },
  });

  it("everything while the window is open, and up to the millisecond in which it closes", () => {
    expect(windowOf(written(hour), rules({ templates: true }), now)).toMatchObject({ open: true, template: false, human_agent: false });
    expect(windowOf(written(24 * hour - 1), rules({}), now).open).toBe(true);
    expect(windowOf(written(24 * hour), rules({}), now).open).toBe(false);
  });

  it("after it a template or a person's own message, where the channel's rules say so, whatever its kind", () => {
    expect(windowOf(written(25 * hour), rules({ templates: true }), now)).toMatchObject({ template: true, human_agent: false });
    expect(windowOf(written(25 * hour), rules({ tagged_window_ms: 168 * hour }), now)).toMatchObject({ template: false, human_agent: true });
    expect(windowOf(written(169 * hour), rules({ tagged_window_ms: 168 * hour }), now)).toMatchObject({ human_agent: false });
    // The page's clock goes in steps, so a message may be from its future.
    const closed = { ...written(-5_000), window: { open: false, closes_at: now + 5_001 } };
    expect(windowOf(closed, rules({ window_ms: 1, tagged_window_ms: 0, templates: true }), now)).toMatchObject({ open: false, template: true, human_agent: false });
    expect(windowOf(written(25 * hour), null, now)).toMatchObject({ open: false, template: false, human_agent: false });
  });
});

describe("the tags of a row", () => {
  it("stand whole, as many as there is room for, and leave room to say how many more there are", () => {
    expect(tagsThatFit([], 0)).toBe(0);
    expect(tagsThatFit(["vip"], 6)).toBe(1);
    expect(tagsThatFit(["vip"], 5)).toBe(0);
    expect(tagsThatFit(["vip", "gold"], 13)).toBe(2);
    expect(tagsThatFit(["vip", "gold", "late"], 17)).toBe(1);
    expect(tagsThatFit(["vip", "gold", "late"], 18)).toBe(2);
    expect(tagsThatFit(["a tag of very many letters indeed", "b"], 20)).toBe(0);
  });
});

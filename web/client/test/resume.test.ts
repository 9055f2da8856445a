// The whole of a view subscription against a naive engine: whatever happens in whatever order (changes, cuts, lost
// history, moves of the window, overload), once things are quiet the client's list is the engine's window.
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Row, Sort } from "../src/index.js";
import { fakeClient, type FakeLine, type Received } from "./fake.js";
import { opsBetween, row } from "./naive.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Window { after: string | null; limit: number }

class NaiveEngine {
  /** The list at each offset, from 1. A cursor is the id of a row; a window begins after it in id order. */
  history: Row[][] = [[]];
  /** Resumes from before this are refused. */
  kept_from = 1;
  private subs = new Map<string, { line: FakeLine; window: Window; sent: number; waiting: boolean }>();
  private next_sub = 1;
  private answered = new Map<FakeLine, number>();

  get offset(): number {
    return this.history.length;
  }
  private list(offset: number): Row[] {
    return this.history[offset - 1]!;
  }
  slice(window: Window, offset = this.offset): Row[] {
    return this.list(offset).filter((r) => window.after === null || r.id > window.after).slice(0, window.limit);
  }
  private rest(window: Window): { counters: object; more: boolean; cursor: string | null } {
    const rows = this.slice(window);
    const all = this.list(this.offset);
    return {
      counters: { contacts: all.length, unread_contacts: 0, unread_messages: 0 },
      more: rows.length > 0 && rows[rows.length - 1]!.id !== all[all.length - 1]!.id, cursor: rows[rows.length - 1]?.id ?? null,
    };
  }
  /** Lists stay in id order, as an engine that owns the order keeps them. */
  change(ids: number[], mark: number): void {
    const list = new Map(this.list(this.offset).map((r) => [r.id, r]));
    for (const n of ids) {
      const id = `r${String(n).padStart(2, "0")}`;
      if (list.has(id) && mark % 3 === 0) list.delete(id);
      else list.set(id, row(id, this.offset));
    }
    this.history.push([...list.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }
  /** Sends what is due, as one delta or several; `reset` sends the whole window instead. */
  flush(reset: boolean): void {
    for (const [sub, held] of this.subs) {
      if (held.line.closed_with !== null || held.sent === this.offset) continue;
      const [from, to] = [this.slice(held.window, held.sent), this.slice(held.window)];
      held.sent = this.offset;
      if (reset) held.line.push("view.reset", { sub, offset: this.offset, rows: to, ...this.rest(held.window) });
      else held.line.push("view.delta", { sub, offset: this.offset, ops: opsBetween(from, to), ...this.rest(held.window) });
    }
  }
  serve(line: FakeLine): void {
    for (let i = this.answered.get(line) ?? 0; i < line.received.length; ++i) {
      this.answered.set(line, i + 1);
      if (line.closed_with !== null) return;
      this.answer(line, line.received[i]!);
    }
  }
  private answer(line: FakeLine, { id, method, params }: Received): void {
    if (method === "view.subscribe") {
      const window: Window = { after: (params.after as string | undefined) ?? null, limit: params.limit as number };
      const resume = params.resume as { offset: number } | undefined;
      const sub = `s${this.next_sub++}`;
      this.subs.set(sub, { line, window, sent: this.offset, waiting: false });
      const head = { sub, epoch: "e1", offset: this.offset, ...this.rest(window) };
      if (resume && resume.offset >= this.kept_from) {
        line.reply(id, { ...head, recovered: true, ops: opsBetween(this.slice(window, resume.offset), this.slice(window)) });
      } else line.reply(id, { ...head, recovered: false, rows: this.slice(window) });
    } else if (method === "view.window") {
      const held = this.subs.get(params.sub as string)!;
      held.window = { after: (params.after as string | null) ?? null, limit: params.limit as number };
      held.sent = this.offset;
      line.reply(id, { offset: this.offset, rows: this.slice(held.window), ...this.rest(held.window) });
    } else if (method === "unsubscribe") {
      this.subs.delete(params.sub as string);
      line.reply(id, {});
    }
  }
}

type Step =
  | { do: "change"; ids: number[]; mark: number }
  | { do: "flush"; reset: boolean }
  | { do: "serve" }
  | { do: "cut"; code: number }
  | { do: "forget" }
  | { do: "move"; after: number | null; limit: number }
  | { do: "wait"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("change" as const), ids: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 5 }), mark: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("flush" as const), reset: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("serve" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const), code: fc.constantFrom(1001, 1006, 4430, 4408) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("move" as const), after: fc.option(fc.nat(40)), limit: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
);

it("S32 S33 S35 after any day the list is the engine's window, and no delta ever failed to fit", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.constantFrom<Sort | undefined>(undefined, "newest"), async (steps, sort) => {
    const engine = new NaiveEngine();
    const { client, lines } = fakeClient();
    const opened = new Set<FakeLine>();
    const serve = async (): Promise<void> => {
      await vi.advanceTimersByTimeAsync(0);
      const line = lines[lines.length - 1];
      if (!line || line.closed_with !== null) return;
      if (!opened.has(line)) {
        opened.add(line);
        line.open();
      }
      engine.serve(line);
    };
    const view = client.view("all", { limit: 5, ...(sort ? { sort } : {}) });
    let wanted: Window = { after: null, limit: 5 };
    let seen = 0;
    view.onChange((state) => {
      expect(state.offset).toBeGreaterThanOrEqual(seen);
      seen = state.offset;
    });
    void client.connect();
    for (const one of steps) {
      switch (one.do) {
        case "change": engine.change(one.ids, one.mark); break;
        case "flush": engine.flush(one.reset); break;
        case "serve": await serve(); break;
        case "cut": if (lines.length > 0) lines[lines.length - 1]!.break(one.code); break;
        case "forget": engine.kept_from = engine.offset; break;
        case "move":
          wanted = { after: one.after === null ? null : `r${String(one.after).padStart(2, "0")}`, limit: one.limit };
          view.setWindow(wanted).catch(() => undefined);
          break;
        case "wait": await vi.advanceTimersByTimeAsync(one.ms); break;
      }
    }
    for (let quiet = 0; quiet < 4; ++quiet) {
      await vi.advanceTimersByTimeAsync(25_000);
      await serve();
      engine.flush(false);
    }
    expect(view.phase).toBe("live");
    expect(client.desyncs).toBe(0);
    expect(view.window).toEqual(wanted);
    expect(view.state.rows).toEqual(engine.slice(wanted));
    expect(view.state.counters.contacts).toBe(engine.history[engine.offset - 1]!.length);
    client.close();
  }), { numRuns: 150 });
});

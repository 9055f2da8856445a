import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "@inboxd/client";
import { conversationsOf } from "../src/lib/conversations.js";

const event = (name: "opened" | "reopened" | "done" | "assigned"): object => ({ kind: "event", event: name, cause: "manual" });
const message = { kind: "message", direction: "in", channel: "web", type: "text" };
function timeline(...parts: object[]): Entry[] {
  return parts.map((part, i) => ({ contact: "c1", seq: i + 1, offset: i + 1, at: (i + 1) * 1000, author: { kind: "agent", id: "ana" }, ...part }) as Entry);
}

describe("S14 the conversations of a timeline", () => {
  it("begin with opened or reopened and end with done; what follows the end is still theirs", () => {
    const all = conversationsOf(timeline(event("opened"), message, message, event("done"), event("assigned"), event("reopened"), message), false);
    expect(all.map((one) => [one.from_seq, one.messages, one.done?.seq ?? null, one.whole])).toEqual([[1, 2, 4, true], [6, 1, null, true]]);
  });

  it("say that one began before the entries at hand", () => {
    const [first, second] = conversationsOf(timeline(event("opened"), message, event("done"), event("reopened"), message).slice(1), true);
    expect([first!.whole, first!.messages, second!.whole, second!.from_seq]).toEqual([false, 1, true, 4]);
  });

  it("are the same whether the history was read at once or page by page, and count each message once", () => {
    const part = fc.constantFrom(event("reopened"), event("done"), event("assigned"), message);
    fc.assert(fc.property(fc.array(part, { maxLength: 40 }), fc.nat(40), (parts, cut) => {
      const all = timeline(event("opened"), ...parts);
      const whole = conversationsOf(all, false);
      expect(whole.reduce((sum, one) => sum + one.messages, 0)).toBe(parts.filter((one) => one === message).length);
      const late = conversationsOf(all.slice(cut), cut > 0);
      const known = late.filter((one) => one.whole);
      expect(known).toEqual(whole.slice(whole.length - known.length));
    }));
  });
});

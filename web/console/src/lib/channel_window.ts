// What may be sent through a contact's channel now, by the engine's one table of kinds (`rules` of `channel.list`).
import type { ChannelRules, ContactChannel } from "@inboxd/client";

export interface WindowState {
  open: boolean;
  closes_at: number | null;
  /** Closed, but a template may be sent. */
  template: boolean;
  /** Closed, but a message marked as a person's own may be sent, for some days more. */
  human_agent: boolean;
}

/** The engine decides; this only keeps people from writing in vain. Without rules (not known yet) only the window itself counts. */
export function windowOf(channel: ContactChannel, rules: ChannelRules | null, at: number): WindowState {
  const closes_at = channel.window.closes_at ?? null;
  const open = channel.window.open && (closes_at === null || at < closes_at);
  const last = channel.last_inbound_at ?? null;
  const tagged = rules !== null && rules.tagged_window_ms > rules.window_ms ? rules.tagged_window_ms : 0;
  return {
    open, closes_at,
    template: !open && (rules?.templates ?? false),
    human_agent: !open && tagged > 0 && last !== null && at < last + tagged, // `at` may be a little behind `last`
  };
}

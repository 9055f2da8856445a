// Which commands may be sent again when the line broke before their reply came, and nobody knows whether they happened.
import type { Method } from "./protocol.js";

/**
 * Only what is the same done once or twice: reads; what carries a `client_id` or a `provider_id`, which the engine
 * answers a second time with the first entry; marks that only move forward. All else (assign, done, merge ...) fails
 * with `connection_lost` and `outcomeUnknown`: somebody may have acted on the contact in between, and the subscription
 * shows what is true.
 */
const repeatable: ReadonlySet<Method> = new Set<Method>([
  "message.send", "comment.add",
  "contact.get", "timeline.page", "search", "view.list", "agent.list", "team.list", "channel.list", "field.list",
  "policy.get", "rpc.discover", "contact.read", "presence.set", "session.refresh",
  "inbound.receive", "inbound.status", "outbox.sent", "outbox.failed",
]);

/** Worthless when late: never queued while the line is down. */
const fleeting: ReadonlySet<Method> = new Set<Method>(["typing.set", "viewing.set", "inbound.typing"]);

export const isRepeatable = (method: Method): boolean => repeatable.has(method);
export const isFleeting = (method: Method): boolean => fleeting.has(method);
export const takesClientId = (method: Method): boolean => method === "message.send" || method === "comment.add";

// What users of the package see.
export * from "./protocol.js";
export { InboxClient, tokenExpiry, type CallOptions, type ClientOptions, type ConnectionState } from "./client.js";
export { InboxError, close_codes, comebackOf, type Comeback, type Reason } from "./errors.js";
export {
  FoldError, empty_contact, empty_view, foldContact, foldCounters, foldEntries, foldOlder, foldOps, foldView, no_counters,
  type ContactState, type CountersState, type ViewDelta, type ViewState,
} from "./fold.js";
export {
  AgentsSubscription, ContactSubscription, CountersSubscription, NotificationsSubscription, OutboxSubscription, Subscription,
  ViewSubscription, type Ended, type SubscriptionPhase, type ViewWindow,
} from "./subscriptions.js";
export { webSocket, type Socket, type SocketEvents, type SocketFactory } from "./transport.js";
export { randomId } from "./ids.js";

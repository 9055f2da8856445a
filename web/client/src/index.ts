// What users of the package see.
export * from "./protocol.js";
export { InboxClient, tokenExpiry, type CallOptions, type ClientOptions, type ConnectionState } from "./client.js";
export { InboxError, close_codes, comebackOf, type Comeback, type Reason } from "./errors.js";
export {
  FoldError, empty_contact, empty_view, empty_workload, foldContact, foldCounters, foldEntries, foldOlder, foldOps, foldView,
  foldWorkload, no_counters, no_load, replaceWorkload,
  type ContactState, type CountersState, type ViewDelta, type ViewState, type WorkloadState,
} from "./fold.js";
export {
  AgentsSubscription, ContactSubscription, CountersSubscription, NotificationsSubscription, OutboxSubscription, Subscription,
  ViewSubscription, WorkloadSubscription, type Ended, type SubscriptionPhase, type ViewWindow,
} from "./subscriptions.js";
export { webSocket, type Socket, type SocketEvents, type SocketFactory } from "./transport.js";
export { randomId } from "./ids.js";

// The live list of the chosen view: one window of the engine's list, that follows the scroll position.
import { computed, effect, signal, untracked } from "@preact/signals";
import type { BuildProgress, Cursor, InboxClient, Row, Sort, SubscriptionPhase, ViewSubscription } from "@inboxd/client";
import { onFrame } from "../lib/frame.js";
import { step, wantedWindow } from "../lib/window.js";
import { place } from "./router.js";
import { client } from "./session.js";

export interface ListState {
  view: string;
  sort: Sort | undefined;
  rows: readonly Row[];
  /** Number of rows before the first one held. */
  base: number;
  more: boolean;
  phase: SubscriptionPhase;
  error: string | null;
  /** While the engine builds the list over many contacts: how far it is. */
  progress: BuildProgress | null;
}

const nothing: ListState = { view: "", sort: undefined, rows: [], base: 0, more: false, phase: "starting", error: null, progress: null };
export const list = signal<ListState>(nothing);
/** The sort that the user chose for a view, where it is not the view's own. */
export const sorts = signal<Readonly<Record<string, Sort>>>({});

class LiveList {
  private readonly subscription: ViewSubscription;
  private cursors: Cursor[] = [null];
  private page = 0;
  private asked = { page: 0, limit: step };
  private dead = false;

  constructor(inbox: InboxClient, private readonly view: string, private readonly sort: Sort | undefined) {
    this.subscription = inbox.view(view, { limit: step, ...(sort ? { sort } : {}) });
    this.subscription.onChange(() => {
      this.learn();
      onFrame("list", () => this.publish());
    });
    list.value = { ...nothing, view, sort };
  }

  /** The rows on screen are `first` to `last`: move the window when they come near its edge. */
  show(first: number, last: number): void {
    const want = wantedWindow(first, last, this.cursors.length);
    if (want.page === this.asked.page && want.limit === this.asked.limit) return;
    // A list that grew while it was held as one window has no cursor after its first step yet: learn that first.
    this.asked = this.cursors[want.page] === undefined ? { page: 0, limit: step } : want;
    const { page, limit } = this.asked;
    this.subscription.setWindow({ after: this.cursors[page], limit }).catch(() => undefined);
  }

  close(): void {
    this.dead = true;
    this.subscription.close();
  }

  private learn(): void {
    const { after, limit } = this.subscription.window;
    const page = this.cursors.findIndex((cursor) => JSON.stringify(cursor) === JSON.stringify(after));
    if (page >= 0) this.page = page;
    const { cursor, rows } = this.subscription.state;
    if (cursor !== null && rows.length === limit) this.cursors[this.page + limit / step] = cursor;
  }

  private publish(): void {
    if (this.dead) return;
    const { rows, more } = this.subscription.state;
    list.value = {
      view: this.view, sort: this.sort, rows, more, base: this.page * step, phase: this.subscription.phase,
      error: this.subscription.error?.reason ?? null, progress: this.subscription.progress,
    };
  }
}

let live: LiveList | null = null;
export const showRows = (first: number, last: number): void => live?.show(first, last);

/** Follows the view of the address and the sort that was chosen for it. */
export function followList(): void {
  const view = computed(() => place.value.view);
  const sort = computed(() => sorts.value[view.value]);
  effect(() => {
    const inbox = client.value;
    const [next, by] = [view.value, sort.value];
    untracked(() => {
      live?.close();
      live = inbox ? new LiveList(inbox, next, by) : null;
      if (!inbox) list.value = nothing;
    });
  });
}

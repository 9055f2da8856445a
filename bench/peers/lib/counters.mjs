// Counters of the views kept in memory by the one process that writes: cheaper than COUNT(*) at each change.

const zero = () => ({ contacts: 0, unread_contacts: 0, unread_messages: 0 });

/** The views that hold an open, unblocked contact. */
export const viewsOf = (assignee) => (assignee ? ["all", `mine:${assignee}`] : ["all", "unassigned"]);

export class Counters {
  constructor() {
    this.views = new Map();
  }
  of(view) {
    return { ...(this.views.get(view) ?? zero()) };
  }
  #add(view, unread, sign) {
    let counters = this.views.get(view);
    if (!counters) this.views.set(view, (counters = zero()));
    counters.contacts += sign;
    counters.unread_contacts += sign * (unread > 0 ? 1 : 0);
    counters.unread_messages += sign * unread;
  }
  /** A contact from one state to another; null: it was not there. */
  change(before, after) {
    if (before) for (const view of viewsOf(before.assignee)) this.#add(view, before.unread, -1);
    for (const view of viewsOf(after.assignee)) this.#add(view, after.unread, 1);
  }
}

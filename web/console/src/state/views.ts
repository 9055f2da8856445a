// The views that the caller may pick, with their live counters.
import { computed, signal } from "@preact/signals";
import { no_counters, type BuildProgress, type Counters, type CountersState, type InboxClient, type ViewInfo } from "@inboxd/client";
import { has, t, word } from "../i18n/index.js";
import { onFrame } from "../lib/frame.js";
import { teamName } from "./directory.js";

export const views = signal<readonly ViewInfo[]>([]);
export const counters = signal<CountersState>({});
/** Views of one's own that the engine still counts, and how far it is. */
export const counting = signal<Readonly<Record<string, BuildProgress>>>({});

const system_order = ["mine", "unassigned", "all", "snoozed", "done", "blocked"];
export const isSystem = (view: string): boolean => system_order.includes(view);
export const isTeam = (view: string): boolean => view.startsWith("team:");

export interface ViewGroups { system: ViewInfo[]; team: ViewInfo[]; custom: ViewInfo[] }

export const groups = computed<ViewGroups>(() => {
  const all = views.value;
  const system = system_order.flatMap((id) => all.filter((v) => v.view === id));
  const team = all.filter((v) => isTeam(v.view));
  return { system, team, custom: all.filter((v) => !isSystem(v.view) && !isTeam(v.view)) };
});

export const viewInfo = (view: string): ViewInfo | undefined => views.value.find((v) => v.view === view);
export const countersOf = (view: string): Counters => counters.value[view] ?? viewInfo(view)?.counters ?? no_counters;

export function viewName(view: string): string {
  if (has(`view.${view}`)) return t(`view.${view}` as "view.mine");
  if (isTeam(view)) return teamName(view.slice(5));
  return viewInfo(view)?.name || view;
}

export const sortName = (sort: string): string => word("sort", sort);

async function loadViews(inbox: InboxClient): Promise<void> {
  const { views: list } = await inbox.call("view.list", {});
  views.value = list;
}
export const reloadViews = (inbox: InboxClient): void => void loadViews(inbox).catch(() => undefined);

export function followViews(inbox: InboxClient): void {
  const subscription = inbox.counters();
  subscription.onChange((state) => {
    const known = new Set(views.value.map((v) => v.view));
    const grew = Object.keys(state).some((view) => !known.has(view));
    const shrank = views.value.some((v) => !(v.view in state) && v.view in counters.value);
    if ((grew || shrank) && subscription.phase === "live") reloadViews(inbox);
    onFrame("counters", () => {
      counters.value = subscription.state;
      counting.value = subscription.progress;
    });
  });
}

// Agents, teams, channels and custom fields of the workspace: what ids are called, and who is there.
import { computed, signal } from "@preact/signals";
import type { AgentInfo, ChannelInfo, ChannelRules, DirectoryChanges, FieldInfo, InboxClient, PresenceStatus, TeamInfo } from "@inboxd/client";
import { t } from "../i18n/index.js";
import { me } from "./session.js";

export const agents = signal<ReadonlyMap<string, AgentInfo>>(new Map());
export const teams = signal<ReadonlyMap<string, TeamInfo>>(new Map());
export const channels = signal<ReadonlyMap<string, ChannelInfo>>(new Map());
export const fields = signal<readonly FieldInfo[]>([]);
export const presence = signal<Readonly<Record<string, PresenceStatus>>>({});
export const my_presence = computed<PresenceStatus>(() => presence.value[me.value] ?? "online");

const byId = <T extends { id: string }>(list: readonly T[]): Map<string, T> => new Map(list.map((item) => [item.id, item]));

export function agentName(id: string | null | undefined): string {
  if (!id) return "";
  return agents.value.get(id)?.name || id;
}
export const agentOrMe = (id: string): string => (id === me.value ? t("you") : agentName(id));
export const teamName = (id: string): string => teams.value.get(id)?.name || id;
/** What the engine's one table says of a channel's kind, with what its record overrides; null until it is known. */
export const rulesOf = (channel: string): ChannelRules | null => channels.value.get(channel)?.rules ?? null;
export const isPaused = (channel: string): boolean => channels.value.get(channel)?.paused === true;
export const channelName = (id: string): string => channels.value.get(id)?.name || id;

async function loadDirectory(inbox: InboxClient): Promise<void> {
  const [a, team, c, f] = await Promise.allSettled([
    inbox.call("agent.list", {}), inbox.call("team.list", {}), inbox.call("channel.list", {}), inbox.call("field.list", {}),
  ]);
  if (a.status === "fulfilled") agents.value = byId(a.value.agents);
  if (team.status === "fulfilled") teams.value = byId(team.value.teams);
  if (c.status === "fulfilled") channels.value = byId(c.value.channels);
  if (f.status === "fulfilled") fields.value = f.value.fields;
}

/** The list with the changed ones in it, in their places. */
function withChanged<T extends { id: string }>(held: ReadonlyMap<string, T>, changed: readonly T[], removed: readonly string[] = []): ReadonlyMap<string, T> {
  const next = new Map([...held, ...byId(changed)]);
  for (const id of removed) next.delete(id);
  return next;
}

function take(changes: DirectoryChanges): void {
  if (changes.agents || changes.agents_removed) agents.value = withChanged(agents.value, changes.agents ?? [], changes.agents_removed);
  if (changes.teams) teams.value = withChanged(teams.value, changes.teams);
  if (changes.channels) channels.value = withChanged(channels.value, changes.channels);
  if (changes.fields) fields.value = [...withChanged(byId(fields.value), changes.fields).values()];
}

/** Who is there, and what all are called. The lists are asked for once the subscription stands, so that no change falls between. */
export function followDirectory(inbox: InboxClient): void {
  const subscription = inbox.agents(take);
  let phase = subscription.phase;
  subscription.onChange((state) => {
    presence.value = state;
    if (subscription.phase === "live" && phase !== "live") void loadDirectory(inbox);
    phase = subscription.phase;
  });
}

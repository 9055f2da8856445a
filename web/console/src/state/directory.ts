// Agents, teams, channels and custom fields of the workspace: what ids are called, and who is there.
import { computed, signal } from "@preact/signals";
import type { AgentInfo, ChannelInfo, ChannelRules, FieldInfo, InboxClient, PresenceStatus, TeamInfo } from "@inboxd/client";
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

let channels_at = 0;
const channels_fresh_ms = 30_000;
function setChannels(list: readonly ChannelInfo[]): void {
  channels_at = Date.now();
  channels.value = byId(list);
}
/** Nobody is told when a channel is paused or its record changes: asked again when a contact is opened, if it is some time ago. */
export function freshenChannels(inbox: InboxClient): void {
  if (Date.now() - channels_at < channels_fresh_ms) return;
  channels_at = Date.now();
  void inbox.call("channel.list", {}).then((got) => setChannels(got.channels)).catch(() => undefined);
}

export async function loadDirectory(inbox: InboxClient): Promise<void> {
  const [a, team, c, f] = await Promise.allSettled([
    inbox.call("agent.list", {}), inbox.call("team.list", {}), inbox.call("channel.list", {}), inbox.call("field.list", {}),
  ]);
  if (a.status === "fulfilled") agents.value = byId(a.value.agents);
  if (team.status === "fulfilled") teams.value = byId(team.value.teams);
  if (c.status === "fulfilled") setChannels(c.value.channels);
  if (f.status === "fulfilled") fields.value = f.value.fields;
}

export function followPresence(inbox: InboxClient): void {
  const subscription = inbox.agents();
  subscription.onChange((state) => {
    presence.value = state;
    // Somebody new: ask for their name.
    if (Object.keys(state).some((id) => !agents.value.has(id))) {
      void inbox.call("agent.list", {}).then((got) => (agents.value = byId(got.agents))).catch(() => undefined);
    }
  });
}

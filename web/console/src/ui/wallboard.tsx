// The wallboard: how the whole workspace stands, for a screen on the wall.
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Row } from "@inboxd/client";
import { number, t, word } from "../i18n/index.js";
import { engineNow, formatDuration, now } from "../lib/format.js";
import { agentName, agents, channelName, channels, presence } from "../state/directory.js";
import { openContact } from "../state/router.js";
import { client } from "../state/session.js";
import { counters, countersOf, groups, viewName } from "../state/views.js";
import { Avatar, CountBadge } from "./bits.js";
import { ChannelIcon, Icon } from "./icons.js";
import { viewIcon } from "./view_picker.js";

const sample_ms = 5_000;
const samples_kept = 120;
const load_rows = 200;

interface Board {
  waiting: readonly Row[];
  /** The newest rows of "all": what load by agent and channel is counted over. */
  recent: readonly Row[];
  /** Whether `recent` holds every contact. */
  whole: boolean;
  series: Readonly<Record<string, readonly number[]>>;
  per_minute: number;
}
const board = signal<Board>({ waiting: [], recent: [], whole: true, series: {}, per_minute: 0 });

/** Follows what the board shows, for as long as it is shown. */
function followBoard(): () => void {
  const inbox = client.peek();
  if (!inbox) return () => undefined;
  const waiting = inbox.view("all", { sort: "longest_waiting", limit: 10 });
  const recent = inbox.view("all", { sort: "newest", limit: load_rows });
  const seen = new Map<string, number>();
  let arrivals: number[] = [];
  let first = true;
  waiting.onChange((state) => (board.value = { ...board.value, waiting: state.rows.filter((row) => row.waiting_since != null) }));
  recent.onChange((state) => {
    if (recent.phase !== "live") return;
    const at = engineNow();
    for (const row of state.rows) {
      const seq = row.last_message?.seq ?? 0;
      if (!first && seq > (seen.get(row.id) ?? 0) && (row.last_message?.at ?? 0) > at - 60_000) arrivals.push(at);
      seen.set(row.id, seq);
    }
    first = false;
    board.value = { ...board.value, recent: state.rows, whole: !state.more };
  });
  const sample = (): void => {
    const at = engineNow();
    arrivals = arrivals.filter((one) => one > at - 60_000);
    const series: Record<string, readonly number[]> = {};
    const add = (name: string, value: number): void => {
      series[name] = [...(board.peek().series[name] ?? []), value].slice(-samples_kept);
    };
    for (const [view, one] of Object.entries(counters.peek())) add(view, one.contacts);
    add("messages", arrivals.length);
    board.value = { ...board.peek(), series, per_minute: arrivals.length };
  };
  const timer = setInterval(sample, sample_ms);
  let begun = false;
  const stop = effect(() => {
    if (begun || Object.keys(counters.value).length === 0) return;
    begun = true;
    sample();
  });
  return () => {
    stop();
    clearInterval(timer);
    waiting.close();
    recent.close();
  };
}

export function Wallboard(): JSX.Element {
  useEffect(followBoard, [client.value]);
  const { system, team, custom } = groups.value;
  const { waiting, recent, whole, series, per_minute } = board.value;
  const open = recent.filter((row) => row.status === "open");
  const longest = waiting[0]?.waiting_since;
  const by_agent = [...agents.value.values()]
    .map((agent) => ({ agent, open: open.filter((row) => row.assignee === agent.id), status: presence.value[agent.id] ?? "offline" }))
    .sort((a, b) => b.open.length - a.open.length || a.agent.name.localeCompare(b.agent.name));
  const by_channel = [...channels.value.values()].map((channel) => ({ channel, open: open.filter((row) => row.channel === channel.id) }));
  const most_agent = Math.max(1, ...by_agent.map((one) => one.open.length));
  const most_channel = Math.max(1, ...by_channel.map((one) => one.open.length));
  return (
    <main class="wallboard" data-testid="wallboard">
      <header class="board-head"><h1>{t("nav.wallboard")}</h1><span class="live"><i />{t("board.live")}</span></header>
      <section class="tiles" aria-label={t("board.views")}>
        <Tile name={t("board.per_minute")} value={number(per_minute)} series={series.messages ?? []} icon={<Icon name="send" />} />
        <Tile name={t("board.longest")} value={longest ? formatDuration(now.value - longest) : "—"} icon={<Icon name="clock" />} warn={longest != null && now.value - longest > 1_800_000} />
        {[...system, ...team, ...custom].map((info) => {
          const one = countersOf(info.view);
          return (
            <Tile key={info.view} name={viewName(info.view)} value={number(one.contacts)} series={series[info.view] ?? []} icon={<Icon name={viewIcon(info.view)} />}
              note={one.unread_messages > 0 ? t("board.unread", { n: one.unread_messages }) : ""} warn={info.view === "unassigned" && one.unread_contacts > 0} testid={`tile-${info.view}`} />
          );
        })}
      </section>
      <div class="boards">
        <section class="board"><h2>{t("board.waiting")}</h2>
          <ol class="waiting">{waiting.map((row) => (
            <li key={row.id}><button type="button" onClick={() => openContact(row.id)}>
              <Avatar id={row.id} name={row.name} kind={row.channel_kind ?? null} size="s" /><span class="waiting-name">{row.name}</span>
              <span class="muted">{row.assignee ? agentName(row.assignee) : t("nobody")}</span>
              <strong class={now.value - row.waiting_since! > 1_800_000 ? "late" : ""}>{formatDuration(now.value - row.waiting_since!)}</strong></button></li>
          ))}</ol>
          {waiting.length === 0 ? <p class="muted">{t("board.nobody_waits")}</p> : null}
        </section>
        <section class="board"><h2>{t("agents")}</h2>
          {by_agent.map(({ agent, open: theirs, status }) => (
            <div class="bar-row" key={agent.id}><span class={`dot dot-${status}`} title={word("presence", status)} /><span class="bar-name">{agent.name}</span><Bar part={theirs.length / most_agent} />
              <CountBadge counters={{ contacts: theirs.length, unread_contacts: theirs.filter((row) => row.unread > 0).length, unread_messages: 0 }} /></div>
          ))}
          {whole ? null : <p class="muted board-note">{t("board.sample", { n: recent.length })}</p>}
        </section>
        <section class="board"><h2>{t("board.channels")}</h2>
          {by_channel.map(({ channel, open: theirs }) => (
            <div class="bar-row" key={channel.id}><span class={`channel-mark kind-${channel.kind}`}><ChannelIcon kind={channel.kind} /></span><span class="bar-name">{channelName(channel.id)}</span><Bar part={theirs.length / most_channel} />
              <CountBadge counters={{ contacts: theirs.length, unread_contacts: theirs.filter((row) => row.unread > 0).length, unread_messages: 0 }} /></div>
          ))}
          {whole ? null : <p class="muted board-note">{t("board.sample", { n: recent.length })}</p>}
        </section>
      </div>
    </main>
  );
}

function Bar({ part }: { part: number }): JSX.Element {
  return <span class="bar" aria-hidden="true"><span style={{ width: `${Math.round(part * 100)}%` }} /></span>;
}

interface TileProps { name: string; value: string; series?: readonly number[]; icon: JSX.Element; note?: string; warn?: boolean; testid?: string }
function Tile({ name, value, series = [], icon, note, warn, testid }: TileProps): JSX.Element {
  return (
    <div class={`tile ${warn ? "tile-warn" : ""}`} data-testid={testid}>
      <span class="tile-name">{icon}{name}</span>
      <span class={`tile-value ${value.length > 6 ? "tile-long" : ""}`}>{value}</span>
      <span class="tile-note">{note || " "}</span>
      <Spark values={series} />
    </div>
  );
}

/** The last ten minutes as a line; the number beside it says the same in words. */
function Spark({ values }: { values: readonly number[] }): JSX.Element {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const points = values.map((value, i) => {
    const x = values.length > 1 ? (i / (values.length - 1)) * 100 : 0;
    const y = high > low ? 26 - ((value - low) / (high - low)) * 22 : 15;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      {points.length > 1 ? <><polygon points={`0,30 ${points.join(" ")} 100,30`} /><polyline points={points.join(" ")} vector-effect="non-scaling-stroke" /></> : null}
    </svg>
  );
}

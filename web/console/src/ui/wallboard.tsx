// The wallboard: how the whole workspace stands, for a screen on the wall.
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { no_load, type Load, type Row } from "@inboxd/client";
import { number, t, word } from "../i18n/index.js";
import { formatDuration, formatMoment, now } from "../lib/format.js";
import { board, followBoard } from "../state/board.js";
import { agentName, agents, channelName, channels, isPaused, presence, teamName, teams } from "../state/directory.js";
import { openContact } from "../state/router.js";
import { client } from "../state/session.js";
import { countersOf, groups, viewName } from "../state/views.js";
import { Avatar, CountBadge } from "./bits.js";
import { ChannelIcon, Icon } from "./icons.js";
import { viewIcon } from "./view_picker.js";

/** A customer who has waited longer than this is shown as late. */
const late_ms = 1_800_000;
/** Rows of a group's list; who has least to do comes last. */
const most_rows = 60;

export function Wallboard(): JSX.Element {
  useEffect(() => (client.value ? followBoard(client.value) : undefined), [client.value]);
  const { workload, ready } = board.value;
  const order = { online: 0, busy: 1, offline: 2 };
  const status = (id: string): "online" | "busy" | "offline" => presence.value[id] ?? "offline";
  // Everybody who is there, and everybody who has something to do.
  const agent_ids = [...new Set([...agents.value.keys(), ...Object.keys(workload.agents)])].sort((a, b) => order[status(a)] - order[status(b)]);
  return (
    <main class="wallboard" data-testid="wallboard" aria-busy={!ready}>
      <header class="board-head"><h1>{t("nav.wallboard")}</h1><span class="live"><i />{t("board.live")}</span></header>
      <Tiles />
      <div class="boards">
        <Waiting />
        <Groups title={t("teams")} testid="teams" loads={workload.teams} ids={[...teams.value.keys()]} name={teamName} mark={() => <span class="channel-mark"><Icon name="team" size={15} /></span>} />
        <Groups title={t("agents")} testid="agents" loads={workload.agents} ids={agent_ids} name={agentName}
          mark={(id) => <span class={`dot dot-${status(id)}`} role="img" aria-label={word("presence", status(id))} title={word("presence", status(id))} />} />
        <Groups title={t("board.channels")} testid="channels" loads={workload.channels} ids={[...channels.value.keys()]} name={channelName}
          mark={(id) => {
            const kind = channels.value.get(id)?.kind ?? "custom";
            if (isPaused(id)) return <span class="channel-mark" role="img" aria-label={t("channel.paused")} title={t("channel.paused")}><Icon name="pause" size={14} /></span>;
            return <span class={`channel-mark kind-${kind}`}><ChannelIcon kind={kind} /></span>;
          }} />
      </div>
    </main>
  );
}

function Tiles(): JSX.Element {
  const { workload, series, per_minute } = board.value;
  const { system, team, custom } = groups.value;
  const longest = workload.total.waiting_since;
  const waited = longest == null ? null : now.value - longest;
  return (
    <section class="tiles" aria-label={t("board.views")}>
      <Tile name={t("board.per_minute")} value={number(per_minute.in + per_minute.out)} series={series.messages ?? []} icon={<Icon name="send" />}
        note={t("board.in_out", { in: number(per_minute.in), out: number(per_minute.out) })} testid="tile-messages" />
      <Tile name={t("board.longest")} value={waited === null ? "—" : formatDuration(waited)} icon={<Icon name="clock" />} warn={waited !== null && waited > late_ms}
        note={t("board.waiting_count", { n: workload.total.waiting })} testid="tile-longest" />
      {[...system, ...team, ...custom].map((info) => {
        const one = countersOf(info.view);
        return (
          <Tile key={info.view} name={viewName(info.view)} value={number(one.contacts)} series={series[info.view] ?? []} icon={<Icon name={viewIcon(info.view)} />}
            note={one.unread_messages > 0 ? t("board.unread", { n: one.unread_messages }) : ""} warn={info.view === "unassigned" && one.unread_contacts > 0} testid={`tile-${info.view}`} />
        );
      })}
    </section>
  );
}

function Waiting(): JSX.Element {
  const { waiting } = board.value;
  return (
    <section class="board" data-testid="board-waiting"><h2>{t("board.waiting")}</h2>
      <ol class="waiting">{waiting.map((row) => <WaitingRow key={row.id} row={row} />)}</ol>
      {waiting.length === 0 ? <p class="muted">{t("board.nobody_waits")}</p> : null}
    </section>
  );
}

function WaitingRow({ row }: { row: Row }): JSX.Element {
  const waited = now.value - row.waiting_since!;
  const who = row.assignee ? agentName(row.assignee) : row.team ? teamName(row.team) : t("board.nobody");
  return (
    <li><button type="button" onClick={() => openContact(row.id)}>
      <Avatar id={row.id} name={row.name} kind={row.channel_kind ?? null} size="s" />
      <span class="waiting-text"><span class="waiting-name">{row.name}</span><span class="waiting-who">{who}</span></span>
      {row.snoozed_until != null ? <span class="muted" title={t("row.snoozed", { when: formatMoment(row.snoozed_until) })}><Icon name="alarm" size={14} /><span class="sr-only">{t("row.snoozed", { when: formatMoment(row.snoozed_until) })}</span></span> : null}
      <strong class={waited > late_ms ? "late" : ""}>{formatDuration(waited)}</strong>
    </button></li>
  );
}

interface GroupsProps {
  title: string;
  testid: string;
  loads: Readonly<Record<string, Load>>;
  /** Those to show although they have nothing; in order. */
  ids: readonly string[];
  name: (id: string) => string;
  mark: (id: string) => ComponentChildren;
}
/** Who has how much to do, most first. */
function Groups({ title, testid, loads, ids, name, mark }: GroupsProps): JSX.Element {
  const all = [...new Set([...ids, ...Object.keys(loads)])].map((id) => ({ id, load: loads[id] ?? no_load }));
  all.sort((a, b) => b.load.contacts - a.load.contacts);
  const most = Math.max(1, ...all.map((one) => one.load.contacts));
  const shown = all.slice(0, most_rows);
  return (
    <section class="board" data-testid={`board-${testid}`}><h2>{title}</h2>
      <ul class="bar-rows">
        {shown.map(({ id, load }) => (
          <li class="bar-row" key={id} data-testid={`load-${id}`}>
            {mark(id)}<span class="bar-name">{name(id)}</span><Bar part={load.contacts / most} /><CountBadge counters={load} />
            <LoadNote load={load} />
          </li>
        ))}
      </ul>
      {all.length > shown.length ? <p class="muted board-note">{t("board.others", { n: all.length - shown.length })}</p> : null}
    </section>
  );
}

function LoadNote({ load }: { load: Load }): JSX.Element | null {
  const waited = load.waiting_since == null ? null : now.value - load.waiting_since;
  const parts = [
    load.waiting > 0 ? t("board.waiting_count", { n: load.waiting }) : "",
    load.snoozed > 0 ? t("board.snoozed_count", { n: load.snoozed }) : "",
  ].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <span class="bar-note">
      <span>{parts.join(" · ")}</span>
      {waited === null ? null : <span class={waited > late_ms ? "late" : ""}><Icon name="clock" size={12} />{formatDuration(waited)}</span>}
    </span>
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

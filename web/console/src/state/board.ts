// What the wallboard shows, followed for as long as it is shown: loads by team, agent and channel, who waits longest,
// and how the numbers went in the last ten minutes.
import { effect, signal } from "@preact/signals";
import { empty_workload, type InboxClient, type Row, type WorkloadState } from "@inboxd/client";
import { Rate, Series } from "../lib/series.js";
import { onFrame } from "../lib/frame.js";
import { counters } from "./views.js";

const sample_ms = 5_000;
const samples_kept = 120;
const waiting_rows = 10;

export interface Board {
  /** False until the first numbers are here. */
  ready: boolean;
  workload: WorkloadState;
  /** The contacts that have waited longest for an answer. */
  waiting: readonly Row[];
  /** By view, and "messages": the last ten minutes. */
  series: Readonly<Record<string, readonly number[]>>;
  /** Messages in and out in the last minute. */
  per_minute: { in: number; out: number };
}
const nothing: Board = { ready: false, workload: empty_workload, waiting: [], series: {}, per_minute: { in: 0, out: 0 } };
export const board = signal<Board>(nothing);

/** Returns what ends it. */
export function followBoard(inbox: InboxClient): () => void {
  board.value = nothing;
  const waiting = inbox.view("all", { sort: "longest_waiting", limit: waiting_rows });
  const workload = inbox.workload();
  const incoming = new Rate();
  const outgoing = new Rate();
  const series = new Series(samples_kept);

  const publish = (): void => {
    const at = Date.now();
    board.value = {
      ready: workload.phase !== "starting",
      workload: workload.state,
      waiting: waiting.state.rows.filter((row) => row.waiting_since != null),
      series: series.values,
      per_minute: { in: incoming.perMinute(at), out: outgoing.perMinute(at) },
    };
  };
  workload.onChange(({ messages }) => {
    incoming.reached(messages.in, Date.now());
    outgoing.reached(messages.out, Date.now());
    onFrame("board", publish);
  });
  waiting.onChange(() => onFrame("board", publish));

  const sample = (): void => {
    const at = Date.now();
    for (const [view, { contacts }] of Object.entries(counters.peek())) series.add(view, contacts);
    series.add("messages", incoming.perMinute(at) + outgoing.perMinute(at));
    publish();
  };
  const timer = setInterval(sample, sample_ms);
  // The first point as soon as there is something to draw.
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
    workload.close();
  };
}

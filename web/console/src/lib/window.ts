// Which part of a long list to ask for. The engine gives a window of at most 200 rows after a cursor, and a cursor only
// for a window's last row; so the list is walked in steps of 100 rows with windows of 200 that overlap by half.
// `cursors[k]` is the position after k * 100 rows, as it was when that window was held.

export const step = 100;

export interface Want { page: number; limit: number }

/** The window for a list that shows rows `first` to `last`; `known` is how many cursors are known (at least 1: the top). */
export function wantedWindow(first: number, last: number, known: number): Want {
  const page = Math.min(Math.max(0, Math.floor((first - step / 2) / step)), known - 1);
  return { page, limit: page === 0 && last < step * 0.6 ? step : 2 * step };
}

/** How far the shown rows moved from one list to the next: the shift that most of them share, 0 when none is in both. */
export function commonShift(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  const votes = new Map<number, number>();
  for (const [id, at] of before) {
    const to = after.get(id);
    if (to !== undefined) votes.set(to - at, (votes.get(to - at) ?? 0) + 1);
  }
  let best = 0;
  let most = 0;
  for (const [shift, count] of votes) {
    if (count > most || (count === most && Math.abs(shift) < Math.abs(best))) {
      best = shift;
      most = count;
    }
  }
  return best;
}

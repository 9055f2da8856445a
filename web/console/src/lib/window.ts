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

/** How many rows of `to` are new or out of the order of `from`: what a reader would see move. */
export function movedCount(from: readonly string[], to: readonly string[]): number {
  const at = new Map(from.map((id, i) => [id, i]));
  // The longest part of `to` that is in the old order stays; `ends[k]` is where the best one of length k + 1 ends.
  const ends: number[] = [];
  for (const id of to) {
    const old = at.get(id);
    if (old === undefined) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < old) low = middle + 1;
      else high = middle;
    }
    ends[low] = old;
  }
  return to.length - ends.length;
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

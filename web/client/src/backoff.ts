// How long to wait before the next attempt: exponential with full jitter, so that ten thousand clients that lost one
// engine do not all come back in the same second.

export interface BackoffOptions {
  /** Upper bound of the first wait. */
  first_ms: number;
  /** Upper bound of every wait. */
  max_ms: number;
}

export const default_backoff: BackoffOptions = { first_ms: 500, max_ms: 20_000 };

/** `attempt` counts from 0; `random` gives [0, 1). At least a fifth of the bound, so that a fast refusal cannot spin. */
export function backoffMs(attempt: number, options: BackoffOptions, random: () => number): number {
  const bound = Math.min(options.max_ms, options.first_ms * 2 ** Math.min(attempt, 16));
  return Math.round(bound * (0.2 + 0.8 * random()));
}

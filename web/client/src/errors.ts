// What can go wrong, as one typed error, and what each close code tells the client to do.

/** The engine's reasons, JSON-RPC's own, and three that only the client knows. */
export type Reason =
  | "unauthenticated" | "forbidden" | "not_found" | "conflict" | "window_closed" | "rate_limited"
  | "too_large" | "limit_exceeded" | "unavailable" | "blocked"
  | "parse_error" | "invalid_request" | "method_not_found" | "invalid_params" | "internal_error"
  | "connection_lost" | "timeout" | "closed";

const reason_of_code: Record<number, Reason> = {
  [-32001]: "unauthenticated",
  [-32002]: "forbidden",
  [-32003]: "not_found",
  [-32004]: "conflict",
  [-32005]: "window_closed",
  [-32006]: "rate_limited",
  [-32007]: "too_large",
  [-32008]: "unavailable",
  [-32009]: "blocked",
  [-32700]: "parse_error",
  [-32600]: "invalid_request",
  [-32601]: "method_not_found",
  [-32602]: "invalid_params",
  [-32603]: "internal_error",
};

/**
 * The one error of this library. `reason` is what to switch on; `field` names the parameter at fault; `data` is
 * all that the engine said (`version` and `last_seq` of a conflict, `closed_at` of a window, `retry_after_ms`).
 */
export class InboxError extends Error {
  override readonly name = "InboxError";
  constructor(
    readonly code: number,
    readonly reason: Reason,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
  }

  get field(): string | undefined {
    return typeof this.data.field === "string" ? this.data.field : undefined;
  }

  get retryAfterMs(): number | undefined {
    return typeof this.data.retry_after_ms === "number" ? this.data.retry_after_ms : undefined;
  }

  /** True when the command may have been carried out although no reply came. */
  get outcomeUnknown(): boolean {
    return this.data.outcome_unknown === true;
  }

  /** From the `error` member of a JSON-RPC response. */
  static fromWire(error: { code: number; message?: string; data?: Record<string, unknown> | null }): InboxError {
    const said = error.data?.reason;
    const reason = typeof said === "string" ? (said as Reason) : (reason_of_code[error.code] ?? "internal_error");
    return new InboxError(error.code, reason, error.message ?? reason, error.data ?? {});
  }

  static local(reason: "connection_lost" | "timeout" | "closed", message: string, outcome_unknown: boolean): InboxError {
    return new InboxError(0, reason, message, { reason, outcome_unknown });
  }
}

export type Comeback =
  /** Never: coming back with the same input would end the same way. */
  | "stay_away"
  /** Only with another token. */
  | "new_token"
  /** After the usual backoff, with jitter. */
  | "come_back"
  /** After a long pause: the engine said that it is too much. */
  | "come_back_later";

/** One row a close code, as PROTOCOL.md has them; every other code is a lost line, and the client comes back. */
export const close_codes: Record<number, { name: string; then: Comeback }> = {
  1001: { name: "going_away", then: "come_back" },
  4400: { name: "protocol_error", then: "stay_away" },
  4401: { name: "unauthenticated", then: "new_token" },
  4403: { name: "forbidden", then: "stay_away" },
  4408: { name: "open_timeout", then: "come_back" },
  4429: { name: "too_many_requests", then: "come_back_later" },
  4430: { name: "too_slow", then: "come_back" },
};

export function comebackOf(close_code: number): Comeback {
  return close_codes[close_code]?.then ?? "come_back";
}

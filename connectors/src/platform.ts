// What every platform's adapter is, and how adapters talk to their platform.
import type { Delivery, Params } from "@inboxd/client";
import { ConfigError } from "./secrets.js";

export type InboundMessage = Params<"inbound.receive">;

/** What a platform told: each is handed to the engine, and only then is the platform's request answered. */
export type Told =
  | { told: "message"; message: InboundMessage }
  | { told: "status"; status: Params<"inbound.status"> }
  | { told: "typing"; external_id: string; on: boolean };

export interface WebhookRequest {
  method: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  /** As it came: signatures are over these bytes. */
  raw: Buffer;
}
export interface WebhookAnswer {
  status: number;
  body?: string;
  told?: Told[];
}

export interface Sent {
  provider_id: string;
}

/** How far a message of several parts got, so that trying again goes on where it stopped. */
export interface Progress {
  parts_sent: number;
}

export interface Adapter {
  readonly channel: string;
  /** Where its webhook is, if it has one. */
  readonly path?: string;
  webhook?(request: WebhookRequest): WebhookAnswer;
  /** Brings one message to the platform. Throws a Failure. */
  send(delivery: Delivery, progress: Progress): Promise<Sent>;
  /** Long polling: tells until `signal` aborts; each batch is told again unless `take` resolved. `fails` hears why it does not get on. */
  poll?(take: (told: Told[]) => Promise<void>, signal: AbortSignal, fails: (why: string) => void): Promise<void>;
  /** Media that the platform gives only to who has its token: the file behind an id of ours. */
  media?(id: string): Promise<{ type: string; body: ReadableStream<Uint8Array>; bytes?: number }>;
  /** A message that was begun before a crash: may the platform tell what became of it? Then how long to listen for that. */
  readonly echo_wait_ms?: number;
  /** True: sending with the same key twice is the same as once. */
  readonly idempotent?: boolean;
}

/** The platform did not take a message: for good, or (`retry`) for now. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly retry: boolean,
    readonly retry_after_ms?: number,
  ) {
    super(message);
  }
}

export interface HttpOptions {
  base_url: string;
  /** Plain http, for simulators and tunnels. */
  allow_http?: boolean;
  timeout_ms?: number;
}

export const text_max = 4096;
const answer_bytes_max = 1024 * 1024;

/** Only https leaves the machine, unless the configuration says otherwise. */
export function checkBase(options: HttpOptions, what: string): URL {
  let url: URL;
  try {
    url = new URL(options.base_url);
  } catch {
    throw new ConfigError(`${what}: ${options.base_url} is no URL`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && options.allow_http === true)) {
    throw new ConfigError(`${what}: ${options.base_url} is not https; "allow_http": true allows it`);
  }
  return url;
}

export interface Reply {
  status: number;
  json: Record<string, unknown>;
  retry_after_ms?: number;
}

/** POSTs JSON. A platform that cannot be reached or answers with 5xx or 429 is a Failure to retry; all else is returned. */
export async function post(url: string, headers: Record<string, string>, body: string, timeout_ms = 20_000): Promise<Reply> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST", headers: { "content-type": "application/json", ...headers }, body,
      redirect: "error", signal: AbortSignal.timeout(timeout_ms),
    });
    text = (await response.text()).slice(0, answer_bytes_max);
  } catch (error) {
    // Not the error's own text: it can name the URL, and Telegram's holds the token.
    const name = (error as { cause?: { code?: string }; name?: string }).cause?.code ?? (error as Error).name;
    throw new Failure("unreachable", `The platform could not be reached (${name}).`, true);
  }
  const after = Number(response.headers.get("retry-after"));
  const retry_after_ms = Number.isFinite(after) && after > 0 ? after * 1000 : undefined;
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    if (response.ok) throw new Failure("bad_answer", "The platform's answer was not JSON.", true);
  }
  return { status: response.status, json, retry_after_ms };
}

export const isTransient = (status: number): boolean => status === 429 || status >= 500;

// Reading JSON whose shape nobody vouches for.
export type Json = Record<string, unknown>;
export const object = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
export const number = (value: unknown): number | undefined => (typeof value === "number" && Number.isFinite(value) ? value : undefined);

/** As much of a text as a message of ours holds, cut between characters. */
export function fitting(value: string, bytes_max = 16 * 1024): string {
  if (Buffer.byteLength(value) <= bytes_max) return value;
  let cut = Buffer.from(value).subarray(0, bytes_max - 3).toString("utf8");
  while (cut.endsWith("\ufffd")) cut = cut.slice(0, -1);
  return `${cut}…`;
}

/** What we have no type for is shown as such, with a word on what it was: never dropped. */
export const unsupported = (what: string): Pick<InboundMessage, "type" | "text"> => ({ type: "unsupported", text: `[${what}]` });

export interface MediaLimits {
  bytes_max: number;
  /** Prefixes of media types: `image/`, `application/pdf`. Empty: any. */
  types: string[];
}
export const media_limits: MediaLimits = { bytes_max: 100 * 1024 * 1024, types: [] };

export function allowedMedia(limits: MediaLimits, type: string | undefined, bytes: number | undefined): boolean {
  if (bytes !== undefined && bytes > limits.bytes_max) return false;
  return limits.types.length === 0 || (type !== undefined && limits.types.some((prefix) => type.startsWith(prefix)));
}
/** Before a platform is asked to fetch it: only web addresses, within the limits as far as they are known. */
export function checkOutboundMedia(limits: MediaLimits, attachment: { url: string; mime_type?: string | null; bytes?: number | null }): void {
  if (!/^https?:\/\//.test(attachment.url)) throw new Failure("media_url", "The attachment has no web address.", false);
  if (!allowedMedia(limits, attachment.mime_type ?? undefined, attachment.bytes ?? undefined)) {
    throw new Failure("media_refused", "The attachment is larger than, or not of a type that, this channel takes.", false);
  }
}

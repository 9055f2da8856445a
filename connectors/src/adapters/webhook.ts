// A generic pair of signed webhooks, for whatever has no adapter: what comes in is POSTed to the connector, what goes out
// is POSTed to a URL of yours. Both are signed: X-Inboxd-Timestamp is the time in seconds, X-Inboxd-Signature is
// `sha256=` and the hex HMAC-SHA-256 over `<timestamp>.<body>` with the shared secret.
import type { Delivery } from "@inboxd/client";
import {
  checkBase, Failure, isTransient, list, object, post, text,
  type Adapter, type HttpOptions, type InboundMessage, type Sent, type Told, type WebhookAnswer, type WebhookRequest,
} from "../platform.js";
import { hmacHex, signedWith } from "../signature.js";

export interface WebhookOptions extends HttpOptions {
  channel: string;
  path: string;
  secret: string;
  now?: () => number;
}

/** Signed longer ago than that: a replay. Younger ones are the engine's to tell apart, by provider_id. */
export const replay_window_s = 300;

export class Webhook implements Adapter {
  readonly channel: string;
  readonly path: string;
  readonly idempotent = true;
  private readonly now: () => number;

  constructor(private readonly options: WebhookOptions) {
    checkBase(options, "webhook");
    this.channel = options.channel;
    this.path = options.path;
    this.now = options.now ?? Date.now;
  }

  webhook(request: WebhookRequest): WebhookAnswer {
    const at = request.headers["x-inboxd-timestamp"] ?? "";
    if (!signedWith(this.options.secret, request.headers["x-inboxd-signature"], `${at}.`, request.raw)) return { status: 401 };
    if (!(Math.abs(this.now() / 1000 - Number(at)) <= replay_window_s)) return { status: 401, body: "too old\n" };
    const body = object(JSON.parse(request.raw.toString("utf8")));
    const told: Told[] = [];
    for (const message of list(body.messages)) told.push({ told: "message", message: message as InboundMessage });
    for (const status of list(body.statuses)) told.push({ told: "status", status: status as Extract<Told, { told: "status" }>["status"] });
    return { status: 200, told };
  }

  async send(delivery: Delivery): Promise<Sent> {
    const body = JSON.stringify(delivery);
    const at = String(Math.floor(this.now() / 1000));
    const { status, json, retry_after_ms } = await post(this.options.base_url, {
      "x-inboxd-timestamp": at,
      "x-inboxd-signature": `sha256=${hmacHex(this.options.secret, `${at}.`, body)}`,
      "idempotency-key": `${delivery.contact}:${delivery.seq}`,
    }, body);
    const id = text(json.provider_id);
    if (status < 300 && id) return { provider_id: id };
    const error = object(json.error);
    throw new Failure(String(error.code ?? status), text(error.message) ?? `HTTP ${status}`, isTransient(status), retry_after_ms);
  }
}

// Messenger and Instagram, by Meta's Graph API. Shapes from developers.facebook.com/docs: "Messenger Platform: Webhooks",
// "Send API", "Error codes", "Instagram Messaging: Webhooks", "Webhooks: Getting started" (verification, X-Hub-Signature-256).
import type { Delivery } from "@inboxd/client";
import {
  allowedMedia, checkBase, checkOutboundMedia, Failure, fitting, isTransient, list, number, object, post, text, unsupported,
  type Adapter, type HttpOptions, type InboundMessage, type Json, type MediaLimits, type Progress, type Sent, type Told, type WebhookAnswer,
  type WebhookRequest,
} from "../platform.js";
import { sameText, signedWith } from "../signature.js";

/** Meta asks once whether the URL is ours: the token that we chose, and the challenge back. */
export function verifySubscription(request: WebhookRequest, verify_token: string): WebhookAnswer {
  const good = request.query.get("hub.mode") === "subscribe" && sameText(request.query.get("hub.verify_token") ?? "", verify_token);
  return good ? { status: 200, body: request.query.get("hub.challenge") ?? "" } : { status: 403 };
}

export interface GraphOptions extends HttpOptions {
  kind: "messenger" | "instagram";
  channel: string;
  path: string;
  /** The page's, or the Instagram account's id: events of others are not ours. */
  account_id: string;
  access_token: string;
  app_secret: string;
  verify_token: string;
  api_version: string;
  media: MediaLimits;
}

/** Unknown or temporary fault, limits of app, page and user, token to be renewed. */
const transient_codes = new Set([1, 2, 4, 17, 32, 190, 341, 613, 1200, 80006]);
/** What was sent to each customer lately: a `read` says only up to when. */
const sent_kept = 200;
const customers_kept = 10_000;

export class Graph implements Adapter {
  readonly channel: string;
  readonly path: string;
  private readonly url: string;
  private readonly sent = new Map<string, { mid: string; at: number }[]>();

  constructor(private readonly options: GraphOptions) {
    this.channel = options.channel;
    this.path = options.path;
    this.url = `${checkBase(options, options.kind).href.replace(/\/$/, "")}/${options.api_version}/${options.account_id}/messages`;
  }

  webhook(request: WebhookRequest): WebhookAnswer {
    if (request.method === "GET") return verifySubscription(request, this.options.verify_token);
    if (!signedWith(this.options.app_secret, request.headers["x-hub-signature-256"], request.raw)) return { status: 401 };
    const body = object(JSON.parse(request.raw.toString("utf8")));
    const told: Told[] = [];
    for (const entry of list(body.entry)) {
      if (String(object(entry).id) !== this.options.account_id) continue;
      for (const event of list(object(entry).messaging)) told.push(...this.event(object(event)));
    }
    return { status: 200, told };
  }

  private event(event: Json): Told[] {
    const from = String(object(event.sender).id ?? "");
    const at = number(event.timestamp);
    if (event.message !== undefined) {
      const message = object(event.message);
      if (message.is_echo === true || from === "") return []; // what we, or the page's own tools, wrote
      return [{ told: "message", message: { external_id: from, provider_id: String(message.mid ?? ""), at, ...this.content(message) } }];
    }
    if (event.postback !== undefined) {
      const postback = object(event.postback);
      const id = text(postback.mid) ?? `postback-${from}-${at ?? 0}`;
      return [{ told: "message", message: { external_id: from, provider_id: id, at, type: "text", text: fitting(text(postback.title) ?? "[postback]") } }];
    }
    if (event.delivery !== undefined) {
      return list(object(event.delivery).mids).map((mid) => ({ told: "status", status: { provider_id: String(mid), status: "delivered", at } }));
    }
    if (event.read !== undefined) return this.read(from, object(event.read), at);
    if (event.reaction !== undefined && object(event.reaction).action === "react") {
      const reaction = object(event.reaction);
      const id = `reaction-${String(reaction.mid)}-${at ?? 0}`;
      return [{ told: "message", message: { external_id: from, provider_id: id, at, ...unsupported(`reaction ${text(reaction.emoji) ?? ""}`) } }];
    }
    return [];
  }

  /** Instagram names the message; Messenger says up to when all were read. */
  private read(from: string, read: Json, at: number | undefined): Told[] {
    const status = (mid: string): Told => ({ told: "status", status: { provider_id: mid, status: "read", at } });
    const mid = text(read.mid);
    if (mid) return [status(mid)];
    const until = number(read.watermark) ?? 0;
    const known = this.sent.get(from) ?? [];
    this.sent.set(from, known.filter((one) => one.at > until));
    return known.filter((one) => one.at <= until).map((one) => status(one.mid));
  }

  private content(message: Json): Pick<InboundMessage, "type" | "text" | "attachments" | "location"> {
    if (message.is_deleted === true) return unsupported("message deleted by its sender");
    const said = text(message.text);
    const attachments = list(message.attachments).map(object);
    if (attachments.length === 0) return said ? { type: "text", text: fitting(said) } : unsupported("message");
    const place = attachments.map((a) => object(object(a.payload).coordinates)).find((c) => number(c.lat) !== undefined);
    if (place) return { type: "location", text: said, location: { latitude: number(place.lat)!, longitude: number(place.long) ?? 0 } };
    const files = attachments
      .map((a) => ({ url: text(object(a.payload).url), kind: String(a.type ?? "file") }))
      .filter((a): a is { url: string; kind: string } => a.url !== undefined && a.url.length <= 2048)
      // The platform says what kind it is, neither its exact type nor its size.
      .filter((a) => ["image", "video", "audio", "file"].includes(a.kind) && allowedMedia(this.options.media, a.kind === "file" ? undefined : `${a.kind}/`, undefined));
    if (files.length === 0) return unsupported(`${attachments.map((a) => String(a.type ?? "attachment").slice(0, 32)).join(", ")}${said ? `: ${fitting(said, 4096)}` : ""}`);
    return {
      type: "attachment", text: said && fitting(said),
      attachments: files.slice(0, 16).map(({ url, kind }) => ({ url, name: kind })),
    };
  }

  async send(delivery: Delivery, progress: Progress): Promise<Sent> {
    const parts = outbound(delivery, this.options);
    let id = "";
    for (; progress.parts_sent < parts.length; ++progress.parts_sent) id = await this.sendPart(delivery, parts[progress.parts_sent]!);
    return { provider_id: id };
  }

  private async sendPart(delivery: Delivery, message: Json): Promise<string> {
    const tagged = (delivery.entry as { tag?: string }).tag === "human_agent";
    const body = JSON.stringify({
      recipient: { id: delivery.external_id }, message,
      ...(tagged ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" } : { messaging_type: "RESPONSE" }),
    });
    const { status, json, retry_after_ms } = await post(this.url, { authorization: `Bearer ${this.options.access_token}` }, body);
    const mid = text(json.message_id);
    if (status < 300 && mid) {
      this.remember(delivery.external_id, mid);
      return mid;
    }
    const error = object(json.error);
    const code = number(error.code);
    const transient = isTransient(status) || error.is_transient === true || (code !== undefined && transient_codes.has(code));
    throw new Failure(String(code ?? status), text(error.message) ?? `HTTP ${status}`, transient, retry_after_ms);
  }

  private remember(customer: string, mid: string): void {
    const known = this.sent.get(customer) ?? [];
    known.push({ mid, at: Date.now() });
    this.sent.delete(customer);
    this.sent.set(customer, known.slice(-sent_kept));
    if (this.sent.size > customers_kept) this.sent.delete(this.sent.keys().next().value!);
  }
}

function outbound(delivery: Delivery, options: GraphOptions): Json[] {
  const { entry } = delivery;
  if (entry.type === "location" && entry.location) {
    // Neither platform takes places: a link to one says the same.
    const { latitude, longitude, name } = entry.location;
    return [{ text: `${name ? `${name}: ` : ""}geo:${latitude},${longitude}` }];
  }
  if (entry.type === "template") throw new Failure("no_templates", "This platform has no templates.", false);
  const parts: Json[] = (entry.attachments ?? []).map((attachment) => {
    checkOutboundMedia(options.media, attachment);
    const kind = ["image", "video", "audio"].find((known) => attachment.mime_type?.startsWith(`${known}/`)) ?? "file";
    return { attachment: { type: kind, payload: { url: attachment.url } } };
  });
  if (entry.text) parts.push({ text: entry.text });
  return parts;
}

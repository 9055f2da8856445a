// WhatsApp Cloud API. Shapes from Meta's documentation: developers.facebook.com/docs/whatsapp/cloud-api,
// pages "Webhooks: Components", "Webhooks: Payload examples", "Messages", "Media", "Error codes".
import type { Delivery } from "@inboxd/client";
import {
  allowedMedia, checkBase, checkOutboundMedia, Failure, fitting, isTransient, list, number, object, post, text, unsupported,
  type Adapter, type HttpOptions, type InboundMessage, type Json, type MediaLimits, type Progress, type Sent, type Told, type WebhookAnswer,
  type WebhookRequest,
} from "../platform.js";
import { signedWith } from "../signature.js";
import { verifySubscription } from "./graph.js";

export interface WhatsAppOptions extends HttpOptions {
  channel: string;
  path: string;
  phone_number_id: string;
  access_token: string;
  app_secret: string;
  verify_token: string;
  api_version: string;
  media: MediaLimits;
  /** Where the connector itself is reached, to hand out media; absent: media are shown by name only. */
  mediaUrl?: (id: string) => string;
}

/** Codes that may pass: API unknown or down, limits of app, business, number and pair, service overload, token to be renewed. */
const transient_codes = new Set([1, 2, 4, 190, 80007, 130429, 131000, 131016, 131048, 131056, 133004]);
const out_kinds = ["image", "video", "audio"] as const;
const statuses = ["sent", "delivered", "read", "failed"] as const;

export class WhatsApp implements Adapter {
  readonly channel: string;
  readonly path: string;
  /** Statuses carry back what was sent along (biz_opaque_callback_data): a crash leaves no doubt for long. */
  readonly echo_wait_ms = 5_000;
  private readonly base: string;

  constructor(private readonly options: WhatsAppOptions) {
    this.channel = options.channel;
    this.path = options.path;
    this.base = `${checkBase(options, "whatsapp").href.replace(/\/$/, "")}/${options.api_version}`;
  }

  webhook(request: WebhookRequest): WebhookAnswer {
    if (request.method === "GET") return verifySubscription(request, this.options.verify_token);
    if (!signedWith(this.options.app_secret, request.headers["x-hub-signature-256"], request.raw)) return { status: 401 };
    const body = object(JSON.parse(request.raw.toString("utf8")));
    const told: Told[] = [];
    for (const entry of list(body.entry)) {
      for (const change of list(object(entry).changes)) {
        const value = object(object(change).value);
        if (object(value.metadata).phone_number_id !== this.options.phone_number_id) continue;
        const people = new Map(list(value.contacts).map((c) => [object(c).wa_id, text(object(object(c).profile).name)]));
        for (const message of list(value.messages)) told.push({ told: "message", message: this.received(object(message), people.get(object(message).from)) });
        for (const status of list(value.statuses)) told.push(...reported(object(status)));
      }
    }
    return { status: 200, told };
  }

  private received(message: Json, name: string | undefined): InboundMessage {
    const from = String(message.from ?? "");
    return {
      external_id: from,
      provider_id: String(message.id ?? ""),
      at: (Number(message.timestamp) || 0) * 1000 || undefined,
      profile: { first_name: name, phone: /^\d{6,15}$/.test(from) ? `+${from}` : undefined },
      ...this.content(message),
    };
  }

  private content(message: Json): Pick<InboundMessage, "type" | "text" | "attachments" | "location"> {
    const kind = String(message.type ?? "unknown");
    const part = object(message[kind]);
    switch (kind) {
      case "text": return { type: "text", text: fitting(text(part.body) ?? "") };
      case "image": case "video": case "audio": case "document": case "sticker": return this.attachment(kind, part);
      case "location":
        return {
          type: "location",
          location: {
            latitude: number(part.latitude) ?? 0, longitude: number(part.longitude) ?? 0, name: text(part.name), address: text(part.address),
          },
        };
      case "button": return { type: "text", text: fitting(text(part.text) ?? "[button]") };
      case "interactive": {
        const reply = object(part[String(part.type)]);
        return text(reply.title) ? { type: "text", text: fitting(text(reply.title)!) } : unsupported("interactive message");
      }
      case "reaction": return unsupported(`reaction ${text(part.emoji) ?? "removed"}`);
      case "contacts": {
        const names = list(message.contacts).map((c) => text(object(object(c).name).formatted_name)).filter(Boolean);
        return unsupported(`contact card ${fitting(names.join(", "), 256)}`);
      }
      default: return unsupported(`${kind.slice(0, 64)} message`);
    }
  }

  private attachment(kind: string, part: Json): Pick<InboundMessage, "type" | "text" | "attachments"> {
    const id = text(part.id);
    const mime_type = text(part.mime_type)?.split(";")[0];
    const caption = text(part.caption);
    const name = text(part.filename) ?? kind;
    if (!id || !this.options.mediaUrl || !allowedMedia(this.options.media, mime_type, number(part.file_size))) {
      return unsupported(`${kind}${mime_type ? ` ${mime_type}` : ""}${caption ? `: ${fitting(caption, 1024)}` : ""}`);
    }
    return {
      type: "attachment", text: caption && fitting(caption),
      attachments: [{ url: this.options.mediaUrl(id), mime_type, name }],
    };
  }

  async send(delivery: Delivery, progress: Progress): Promise<Sent> {
    const parts = outbound(delivery, this.options.media);
    let id = "";
    for (; progress.parts_sent < parts.length; ++progress.parts_sent) {
      id = await this.sendPart({
        messaging_product: "whatsapp", recipient_type: "individual", to: delivery.external_id,
        biz_opaque_callback_data: `${delivery.contact}:${delivery.seq}`, ...parts[progress.parts_sent],
      });
    }
    return { provider_id: id };
  }

  private async sendPart(message: Json): Promise<string> {
    const url = `${this.base}/${this.options.phone_number_id}/messages`;
    const { status, json, retry_after_ms } = await post(url, { authorization: `Bearer ${this.options.access_token}` }, JSON.stringify(message));
    const id = text(object(list(json.messages)[0]).id);
    if (status < 300 && id) return id;
    const error = object(json.error);
    const code = number(error.code);
    const said = text(object(error.error_data).details) ?? text(error.message) ?? `HTTP ${status}`;
    throw new Failure(String(code ?? status), said, isTransient(status) || (code !== undefined && transient_codes.has(code)), retry_after_ms);
  }

  /** A media id stands for a URL that lives five minutes and wants the token. */
  async media(id: string): Promise<{ type: string; body: ReadableStream<Uint8Array>; bytes?: number }> {
    const authorization = `Bearer ${this.options.access_token}`;
    const found = await fetch(`${this.base}/${encodeURIComponent(id)}`, { headers: { authorization }, signal: AbortSignal.timeout(20_000) });
    const said = object(await found.json().catch(() => null));
    const url = text(said.url);
    const type = text(said.mime_type)?.split(";")[0];
    if (!found.ok || !url) throw new Failure("media", `HTTP ${found.status}`, isTransient(found.status));
    if (!allowedMedia(this.options.media, type, number(said.file_size))) throw new Failure("media_refused", "too large, or of no allowed type", false);
    checkBase({ base_url: url, allow_http: this.options.allow_http }, "media");
    const file = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(60_000) });
    if (!file.ok || !file.body) throw new Failure("media", `HTTP ${file.status}`, isTransient(file.status));
    return { type: type ?? "application/octet-stream", body: file.body as ReadableStream<Uint8Array>, bytes: number(said.file_size) };
  }
}

function reported(status: Json): Told[] {
  const name = statuses.find((known) => known === status.status);
  if (!name) return []; // `deleted`, `warning`: nothing that a message of ours can be
  const error = object(list(status.errors)[0]);
  const [contact, seq] = (text(status.biz_opaque_callback_data) ?? "").split(":");
  const which = contact && Number(seq) > 0 ? { contact, seq: Number(seq) } : { provider_id: String(status.id ?? "") };
  return [{
    told: "status",
    status: {
      ...which, status: name, at: (Number(status.timestamp) || 0) * 1000 || undefined,
      error: name === "failed"
        ? { code: String(error.code ?? "unknown"), message: text(object(error.error_data).details) ?? text(error.message) ?? text(error.title) ?? "" }
        : undefined,
    },
  }];
}

function outbound(delivery: Delivery, limits: MediaLimits): Json[] {
  const entry = delivery.entry;
  if (entry.type === "template" && entry.template) {
    const parameters = (entry.template.parameters ?? []).map((value) => ({ type: "text", text: value }));
    return [{
      type: "template",
      template: {
        name: entry.template.name, language: { code: entry.template.language ?? "en" },
        components: parameters.length > 0 ? [{ type: "body", parameters }] : undefined,
      },
    }];
  }
  if (entry.type === "location" && entry.location) {
    const { latitude, longitude, name, address } = entry.location;
    return [{ type: "location", location: { latitude, longitude, name: name ?? undefined, address: address ?? undefined } }];
  }
  const attachments = entry.attachments ?? [];
  if (attachments.length === 0) return [{ type: "text", text: { body: entry.text ?? "", preview_url: true } }];
  return attachments.map((attachment, i) => {
    checkOutboundMedia(limits, attachment);
    const kind = out_kinds.find((known) => attachment.mime_type?.startsWith(`${known}/`)) ?? "document";
    const caption = i === 0 && kind !== "audio" ? entry.text ?? undefined : undefined;
    const filename = kind === "document" ? attachment.name ?? undefined : undefined;
    return { type: kind, [kind]: { link: attachment.url, caption, filename } };
  });
}

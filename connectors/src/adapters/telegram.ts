// Telegram's Bot API. Shapes from core.telegram.org/bots/api: "Getting updates", "setWebhook" (X-Telegram-Bot-Api-Secret-Token),
// "Message", "sendMessage", "sendPhoto" and its like, "Making requests" (ok, error_code, description, parameters.retry_after).
import type { Delivery } from "@inboxd/client";
import {
  allowedMedia, checkBase, checkOutboundMedia, Failure, fitting, isTransient, list, number, object, post, text, unsupported,
  type Adapter, type HttpOptions, type InboundMessage, type Json, type MediaLimits, type Progress, type Sent, type Told, type WebhookAnswer,
  type WebhookRequest,
} from "../platform.js";
import { sameText } from "../signature.js";

export interface TelegramOptions extends HttpOptions {
  channel: string;
  /** With a path: by webhook. Without: by long polling. */
  path?: string;
  bot_token: string;
  secret_token?: string;
  media: MediaLimits;
  mediaUrl?: (id: string) => string;
}

const poll_s = 25;
const files = ["document", "video", "audio", "voice", "animation", "sticker", "video_note"] as const;

export class Telegram implements Adapter {
  readonly channel: string;
  readonly path?: string;
  private readonly base: string;
  readonly poll?: Adapter["poll"];

  constructor(private readonly options: TelegramOptions) {
    this.channel = options.channel;
    this.path = options.path;
    this.base = checkBase(options, "telegram").href.replace(/\/$/, "");
    if (!options.path) this.poll = (take, signal, fails) => this.pollUpdates(take, signal, fails);
  }

  private call(method: string, body: Json, timeout_ms?: number) {
    return post(`${this.base}/bot${this.options.bot_token}/${method}`, {}, JSON.stringify(body), timeout_ms);
  }

  webhook(request: WebhookRequest): WebhookAnswer {
    if (!sameText(request.headers["x-telegram-bot-api-secret-token"] ?? "", this.options.secret_token ?? "")) return { status: 401 };
    return { status: 200, told: this.update(object(JSON.parse(request.raw.toString("utf8")))) };
  }

  private async pollUpdates(take: (told: Told[]) => Promise<void>, signal: AbortSignal, fails: (why: string) => void): Promise<void> {
    let offset = 0;
    while (!signal.aborted) {
      try {
        const { json } = await this.call("getUpdates", { offset, timeout: poll_s, allowed_updates: ["message", "edited_message"] }, (poll_s + 10) * 1000);
        if (json.ok !== true) throw refusal(200, json);
        for (const update of list(json.result).map(object)) {
          // The next offset says that all before it were taken, so it moves only when they were.
          await take(this.update(update));
          offset = Math.max(offset, (number(update.update_id) ?? 0) + 1);
        }
      } catch (error) {
        fails(error instanceof Failure ? `${error.message} (${error.code})` : `the engine cannot take it (${(error as Error).name})`);
        const wait = error instanceof Failure && error.retry_after_ms ? error.retry_after_ms : 1_000;
        await new Promise<void>((yes) => {
          const timer = setTimeout(yes, wait);
          signal.addEventListener("abort", () => (clearTimeout(timer), yes()), { once: true });
        });
      }
    }
  }

  private update(update: Json): Told[] {
    const message = object(update.message ?? update.edited_message);
    const chat = object(message.chat);
    if (chat.id === undefined || (chat.type !== undefined && chat.type !== "private")) return [];
    const from = object(message.from);
    const edited = update.edited_message !== undefined;
    const id = `${String(chat.id)}:${String(message.message_id)}`;
    const content = this.content(message);
    return [{
      told: "message",
      message: {
        external_id: String(chat.id), provider_id: edited ? `${id}:${String(message.edit_date ?? 0)}` : id,
        at: (number(message.date) ?? 0) * 1000 || undefined,
        profile: { first_name: text(from.first_name), last_name: text(from.last_name), language: text(from.language_code) },
        ...content, text: edited ? fitting(`✎ ${content.text ?? ""}`) : content.text,
      },
    }];
  }

  private content(message: Json): Pick<InboundMessage, "type" | "text" | "attachments" | "location"> {
    if (text(message.text)) return { type: "text", text: fitting(text(message.text)!) };
    const place = object(object(message.venue).location ?? message.location);
    if (number(place.latitude) !== undefined) {
      const venue = object(message.venue);
      return {
        type: "location",
        location: { latitude: number(place.latitude)!, longitude: number(place.longitude) ?? 0, name: text(venue.title), address: text(venue.address) },
      };
    }
    const caption = text(message.caption);
    const photo = object(list(message.photo).at(-1)); // the largest comes last
    const kind = photo.file_id ? "photo" : files.find((name) => message[name] !== undefined);
    if (kind) {
      const file = kind === "photo" ? photo : object(message[kind]);
      const mime_type = text(file.mime_type) ?? (kind === "photo" ? "image/jpeg" : undefined);
      const id = text(file.file_id);
      if (id && this.options.mediaUrl && allowedMedia(this.options.media, mime_type, number(file.file_size))) {
        return {
          type: "attachment", text: caption && fitting(caption),
          attachments: [{ url: this.options.mediaUrl(id), mime_type, name: text(file.file_name) ?? kind, bytes: number(file.file_size) }],
        };
      }
      return unsupported(`${kind}${caption ? `: ${fitting(caption, 1024)}` : ""}`);
    }
    const other = ["contact", "poll", "dice", "game", "story"].find((name) => message[name] !== undefined);
    return unsupported(`${other ?? "unknown"} message`);
  }

  async send(delivery: Delivery, progress: Progress): Promise<Sent> {
    const parts = outbound(delivery, this.options.media);
    let id = "";
    for (; progress.parts_sent < parts.length; ++progress.parts_sent) {
      const [method, body] = parts[progress.parts_sent]!;
      const { status, json } = await this.call(method, { chat_id: delivery.external_id, ...body });
      const message_id = object(json.result).message_id;
      if (json.ok !== true || message_id === undefined) throw refusal(status, json);
      id = `${delivery.external_id}:${String(message_id)}`;
    }
    return { provider_id: id };
  }

  async media(file_id: string): Promise<{ type: string; body: ReadableStream<Uint8Array>; bytes?: number }> {
    const { json } = await this.call("getFile", { file_id });
    const path = text(object(json.result).file_path);
    const bytes = number(object(json.result).file_size);
    if (json.ok !== true || !path) throw refusal(404, json);
    if (!allowedMedia({ ...this.options.media, types: [] }, undefined, bytes)) throw new Failure("media_refused", "too large", false);
    const file = await fetch(`${this.base}/file/bot${this.options.bot_token}/${path}`, { signal: AbortSignal.timeout(60_000) }).catch(() => null);
    if (!file?.ok || !file.body) throw new Failure("media", `HTTP ${file?.status ?? 0}`, true);
    return { type: file.headers.get("content-type") ?? "application/octet-stream", body: file.body as ReadableStream<Uint8Array>, bytes };
  }
}

function refusal(status: number, json: Json): Failure {
  const code = number(json.error_code) ?? status;
  const after = number(object(json.parameters).retry_after);
  // 401: the bot's token was taken back; the operator gives another.
  return new Failure(String(code), text(json.description) ?? `HTTP ${status}`, isTransient(code) || code === 401, after && after * 1000);
}

function outbound(delivery: Delivery, limits: MediaLimits): [string, Json][] {
  const { entry } = delivery;
  if (entry.type === "template") throw new Failure("no_templates", "Telegram has no templates.", false);
  if (entry.type === "location" && entry.location) {
    const { latitude, longitude, name, address } = entry.location;
    return name && address ? [["sendVenue", { latitude, longitude, title: name, address }]] : [["sendLocation", { latitude, longitude }]];
  }
  const attachments = entry.attachments ?? [];
  if (attachments.length === 0) return [["sendMessage", { text: entry.text ?? "" }]];
  return attachments.map((attachment, i): [string, Json] => {
    checkOutboundMedia(limits, attachment);
    const kind = attachment.mime_type?.split("/")[0];
    const field = kind === "image" ? "photo" : kind === "video" || kind === "audio" ? kind : "document";
    const caption = i === 0 ? entry.text ?? undefined : undefined;
    return [`send${field[0]!.toUpperCase()}${field.slice(1)}`, { [field]: attachment.url, caption }];
  });
}

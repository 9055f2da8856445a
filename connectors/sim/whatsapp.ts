// WhatsApp Cloud API, as documented at developers.facebook.com/docs/whatsapp/cloud-api: "Messages" (request, response),
// "Webhooks: Payload examples" (messages, statuses, errors), "Media", "Error codes".
import { createHmac } from "node:crypto";
import { Platform, type Asked, type Given } from "./server.js";

export const graphError = (status: number, code: number, message: string, headers: Record<string, string> = {}): Given => ({
  status, headers,
  body: { error: { message, type: "OAuthException", code, error_data: { messaging_product: "whatsapp", details: message }, fbtrace_id: "Az8or2yhqkZfEZ" } },
});
export const sign = (secret: string, body: string): Record<string, string> => ({ "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` });

export interface WhatsAppSent { id: string; to: string; opaque: string; body: Record<string, unknown> }

export class WhatsAppSim extends Platform {
  readonly sent: WhatsAppSent[] = [];
  readonly media = new Map<string, { type: string; bytes: Buffer }>();
  token = "wa-access-token";
  private next = 1;

  constructor(readonly options: { phone_number_id: string; app_secret: string; webhook: () => string }) {
    super();
  }

  protected override counts(asked: Asked): boolean {
    return asked.method === "POST";
  }

  protected answer(asked: Asked): Given {
    if (asked.headers.authorization !== `Bearer ${this.token}`) return graphError(401, 190, "Error validating access token: Session has expired");
    const parts = asked.path.split("/");
    if (asked.method === "GET" && parts[1] === "file") {
      const file = this.media.get(parts[2]!)!;
      return { status: 200, body: file.bytes.toString("latin1"), headers: { "content-type": file.type } };
    }
    if (asked.method === "GET") {
      const file = this.media.get(parts[2]!);
      if (!file) return graphError(400, 100, "Unsupported get request");
      return { status: 200, body: { messaging_product: "whatsapp", url: `${this.url}/file/${parts[2]}`, mime_type: file.type, file_size: file.bytes.length, id: parts[2] } };
    }
    if (parts[2] !== this.options.phone_number_id || parts[3] !== "messages") return graphError(400, 100, "Invalid parameter");
    const id = `wamid.${this.next++}`;
    this.sent.push({ id, to: String(asked.body.to), opaque: String(asked.body.biz_opaque_callback_data), body: asked.body });
    return { status: 200, body: { messaging_product: "whatsapp", contacts: [{ input: asked.body.to, wa_id: asked.body.to }], messages: [{ id }] } };
  }

  envelope(value: Record<string, unknown>): string {
    return JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ id: "102290129340398", changes: [{ field: "messages", value: { messaging_product: "whatsapp", metadata: { display_phone_number: "15550783881", phone_number_id: this.options.phone_number_id }, ...value } }] }],
    });
  }
  static message(from: string, id: string, content: Record<string, unknown>, timestamp = Math.floor(Date.now() / 1000)): Record<string, unknown> {
    return { from, id, timestamp: String(timestamp), ...content };
  }
  /** One webhook with these messages. */
  receive(messages: Record<string, unknown>[], name = "Sheena Nelson"): Promise<number> {
    const contacts = [...new Set(messages.map((m) => m.from))].map((wa_id) => ({ profile: { name }, wa_id }));
    return this.bring(this.envelope({ contacts, messages }));
  }
  status(sent: WhatsAppSent, status: string, errors?: Record<string, unknown>[], opaque = true): Record<string, unknown> {
    return {
      id: sent.id, status, timestamp: String(Math.floor(Date.now() / 1000)), recipient_id: sent.to, ...(errors ? { errors } : {}),
      ...(opaque ? { biz_opaque_callback_data: sent.opaque } : {}),
    };
  }
  report(statuses: Record<string, unknown>[]): Promise<number> {
    return this.bring(this.envelope({ statuses }));
  }
  bring(body: string, headers = sign(this.options.app_secret, body)): Promise<number> {
    return Platform.bring(this.options.webhook(), headers, body);
  }
}

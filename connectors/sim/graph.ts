// Messenger and Instagram, as documented at developers.facebook.com/docs: "Messenger Platform: Send API", "Webhooks"
// (messages, message_deliveries, message_reads, messaging_postbacks), "Instagram Messaging: Webhooks" (messaging_seen).
import { Platform, type Asked, type Given } from "./server.js";
import { graphError, sign } from "./whatsapp.js";

export class GraphSim extends Platform {
  readonly sent: { mid: string; to: string; body: Record<string, unknown>; at: number }[] = [];
  token = "page-access-token";
  private next = 1;

  constructor(readonly options: { object: "page" | "instagram"; account_id: string; app_secret: string; webhook: () => string }) {
    super();
  }

  protected answer(asked: Asked): Given {
    if (asked.headers.authorization !== `Bearer ${this.token}`) return graphError(401, 190, "Invalid OAuth access token.");
    const recipient = String((asked.body.recipient as { id?: string })?.id);
    const mid = `m_${this.next++}`;
    this.sent.push({ mid, to: recipient, body: asked.body, at: Date.now() });
    return { status: 200, body: { recipient_id: recipient, message_id: mid } };
  }

  /** One webhook with these events, of one account. */
  tell(events: Record<string, unknown>[], secret = this.options.app_secret): Promise<number> {
    const messaging = events.map((event) => ({ recipient: { id: this.options.account_id }, timestamp: Date.now(), ...event }));
    const body = JSON.stringify({ object: this.options.object, entry: [{ id: this.options.account_id, time: Date.now(), messaging }] });
    return Platform.bring(this.options.webhook(), sign(secret, body), body);
  }
  static message(from: string, mid: string, message: Record<string, unknown>): Record<string, unknown> {
    return { sender: { id: from }, message: { mid, ...message } };
  }
}

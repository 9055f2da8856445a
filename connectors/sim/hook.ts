// The other end of the generic signed webhooks: takes each Idempotency-Key once, and checks our signature.
import { createHmac } from "node:crypto";
import { Platform, type Asked, type Given } from "./server.js";

export class HookSim extends Platform {
  readonly sent = new Map<string, Record<string, unknown>>();
  repeated = 0;

  constructor(readonly options: { secret: string; webhook: () => string }) {
    super();
  }

  protected answer(asked: Asked): Given {
    const at = asked.headers["x-inboxd-timestamp"] ?? "";
    if (asked.headers["x-inboxd-signature"] !== this.sign(at, JSON.stringify(asked.body))) return { status: 401, body: {} };
    const key = asked.headers["idempotency-key"]!;
    if (this.sent.has(key)) ++this.repeated;
    this.sent.set(key, asked.body);
    return { status: 200, body: { provider_id: `hook-${key}` } };
  }
  sign(at: string, body: string): string {
    return `sha256=${createHmac("sha256", this.options.secret).update(`${at}.${body}`).digest("hex")}`;
  }
  tell(told: Record<string, unknown>, at = Math.floor(Date.now() / 1000)): Promise<number> {
    const body = JSON.stringify(told);
    return Platform.bring(this.options.webhook(), { "x-inboxd-timestamp": String(at), "x-inboxd-signature": this.sign(String(at), body) }, body);
  }
}

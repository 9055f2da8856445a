// Telegram's Bot API, as documented at core.telegram.org/bots/api: getUpdates (offset confirms), setWebhook's secret token,
// sendMessage and its like, errors with error_code, description and parameters.retry_after.
import { Platform, type Asked, type Given } from "./server.js";

export class TelegramSim extends Platform {
  readonly sent: { method: string; chat_id: string; body: Record<string, unknown>; message_id: number }[] = [];
  private readonly updates: Record<string, unknown>[] = [];
  private readonly waiting = new Set<() => void>();
  /** Instead of the next answers to getUpdates that would bring something. */
  readonly fetch_trouble: Given[] = [];
  private next_update = 1;
  private next_message = 1000;

  constructor(readonly options: { bot_token: string; secret_token: string; webhook?: () => string }) {
    super();
  }

  static error(code: number, description: string, retry_after?: number): Given {
    return { status: code, body: { ok: false, error_code: code, description, ...(retry_after ? { parameters: { retry_after } } : {}) } };
  }

  protected override counts(asked: Asked): boolean {
    return asked.path.includes("/send");
  }

  protected async answer(asked: Asked): Promise<Given> {
    const [, bot, method] = asked.path.split("/");
    if (bot !== `bot${this.options.bot_token}`) return TelegramSim.error(401, "Unauthorized");
    if (method === "getUpdates") {
      const offset = Number(asked.body.offset ?? 0);
      while (this.updates.length > 0 && Number(this.updates[0]!.update_id) < offset) this.updates.shift();
      if (this.updates.length === 0) await new Promise<void>((yes) => {
        this.waiting.add(yes);
        setTimeout(yes, 2_000);
      });
      return this.fetch_trouble.shift() ?? { status: 200, body: { ok: true, result: this.updates.slice(0, 100) } };
    }
    const message_id = this.next_message++;
    this.sent.push({ method: method!, chat_id: String(asked.body.chat_id), body: asked.body, message_id });
    return { status: 200, body: { ok: true, result: { message_id, date: Math.floor(Date.now() / 1000), chat: { id: Number(asked.body.chat_id), type: "private" } } } };
  }

  static message(chat: number, message_id: number, content: Record<string, unknown>): Record<string, unknown> {
    return {
      message: {
        message_id, date: Math.floor(Date.now() / 1000), chat: { id: chat, type: "private", first_name: "Ada" },
        from: { id: chat, is_bot: false, first_name: "Ada", last_name: "Lovelace", language_code: "en" }, ...content,
      },
    };
  }
  /** Where long polling finds it. */
  queue(update: Record<string, unknown>): void {
    this.updates.push({ update_id: this.next_update++, ...update });
    for (const go of this.waiting) go();
    this.waiting.clear();
  }
  tell(update: Record<string, unknown>, secret = this.options.secret_token): Promise<number> {
    return Platform.bring(this.options.webhook!(), { "x-telegram-bot-api-secret-token": secret }, JSON.stringify({ update_id: this.next_update++, ...update }));
  }
}

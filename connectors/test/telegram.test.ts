import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shuffled } from "../sim/server.js";
import { TelegramSim } from "../sim/telegram.js";
import { diesBeforeItHeard, diesBeforeItWasTaken, type Scene } from "./killed.js";
import { Stage, until, type Running } from "./stage.js";
import { bearsTrouble } from "./troubled.js";

const bot_token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

describe.each(["webhook", "long polling"])("Telegram by %s", (how) => {
  const stage = new Stage();
  const hooked = how === "webhook";
  let platform: TelegramSim;
  let connector: Running;
  let next = 1;

  /** A customer's update reaches the connector, one way or the other. */
  const bring = async (content: Record<string, unknown>): Promise<void> => {
    const update = TelegramSim.message(777, next++, content);
    if (hooked) expect(await platform.tell(update)).toBe(200);
    else platform.queue(update);
  };

  beforeAll(async () => {
    await stage.start();
    await stage.admin.call("channel.put", { id: "tg", kind: "telegram", name: "Telegram", retry: { attempts: 5, delay_ms: 50, delay_max_ms: 200, ack_timeout_ms: 60_000 } });
    platform = await new TelegramSim({ bot_token, secret_token: "s3cret", webhook: () => `http://127.0.0.1:${connector.port}/tg` }).start();
    connector = await stage.connector([{
      kind: "telegram", channel: "tg", base_url: platform.url, allow_http: true, bot_token: stage.secretFile("bot", bot_token), media_types: ["image/"], media_bytes_max: 1000,
      ...(hooked ? { path: "/tg", secret_token: stage.secretFile("hook-secret", "s3cret") } : {}),
    }]);
    await bring({ text: "hello" });
  });
  afterAll(async () => {
    await stage.stop();
    await platform?.stop();
  });

  it("brings messages in and out", async () => {
    const contact = await stage.contactOf("tg", "777");
    await bring({ location: { latitude: 51.5, longitude: -0.12 } });
    await bring({ photo: [{ file_id: "small" }, { file_id: "large", file_size: 10 }], caption: "look" });
    await bring({ poll: { question: "?" } });
    await until("all four", async () => (await stage.messages(contact)).length === 4);
    expect((await stage.messages(contact)).map((one) => one.type)).toEqual(["text", "location", "attachment", "unsupported"]);
    expect((await stage.admin.call("contact.get", { contact })).contact).toMatchObject({ first_name: "Ada", last_name: "Lovelace", language: "en" });

    const seq = await stage.send(contact, "hi Ada");
    const entry = await stage.status(contact, seq, "sent");
    expect(platform.sent.at(-1)).toMatchObject({ method: "sendMessage", chat_id: "777", body: { text: "hi Ada" } });
    expect(entry.provider_id).toBe(`777:${platform.sent.at(-1)!.message_id}`);
  });

  it("waits as long as the platform says, then tries again after 429, 5xx and a token taken back, in order and once", async () => bearsTrouble({
    stage, contact: await stage.contactOf("tg", "777"), trouble: platform.trouble,
    limited: (after_s) => TelegramSim.error(429, `Too Many Requests: retry after ${after_s}`, after_s),
    broken: TelegramSim.error(502, "Bad Gateway"), expired: TelegramSim.error(401, "Unauthorized"),
    asked: () => platform.asked.filter((one) => one.path.includes("/send")).map(({ body, at }) => ({ text: String(body.text), at })),
    taken: () => platform.sent.map((one) => String(one.body.text)),
  }));

  it("shows why the platform refused", async () => {
    const contact = await stage.contactOf("tg", "777");
    platform.trouble.push(TelegramSim.error(403, "Forbidden: bot was blocked by the user"));
    const refused = await stage.send(contact, "blocked");
    expect((await stage.status(contact, refused, "failed")).statuses!.at(-1)!.error).toEqual({ code: "403", message: "Forbidden: bot was blocked by the user" });
  });

  it("takes updates in any order, and files only of the types and sizes that the channel takes", async () => {
    const contact = await stage.contactOf("tg", "777");
    const before = (await stage.messages(contact)).length;
    const updates = [
      { text: "any 1" }, { text: "any 2" }, { text: "any 3" },
      { document: { file_id: "pdf", mime_type: "application/pdf", file_size: 10 } }, { photo: [{ file_id: "huge", file_size: 5_000 }] },
    ].map((content) => TelegramSim.message(777, next++, content));
    for (const update of shuffled(updates, 3)) {
      if (hooked) expect(await platform.tell(update)).toBe(200);
      else platform.queue(update);
    }
    await until("all five", async () => (await stage.messages(contact)).length === before + 5);
    const said = (await stage.messages(contact)).slice(before);
    expect(said.filter((one) => one.type === "text").map((one) => one.text).sort()).toEqual(["any 1", "any 2", "any 3"]);
    expect(said.filter((one) => one.type === "unsupported").map((one) => one.text).sort()).toEqual(["[document]", "[photo]"]);
    const seq = await stage.send(contact, "", { type: "attachment", text: undefined, attachments: [{ url: "https://shop.example/x.pdf", mime_type: "application/pdf" }] });
    expect((await stage.status(contact, seq, "failed")).statuses!.at(-1)!.error!.code).toBe("media_refused");
  });

  it("takes a repeated update once, and nobody's without the secret", async () => {
    const contact = await stage.contactOf("tg", "777");
    const update = TelegramSim.message(777, 500, { text: "once" });
    if (hooked) {
      expect(await platform.tell(update, "wrong")).toBe(401);
      for (let i = 0; i < 3; ++i) expect(await platform.tell(update)).toBe(200);
    } else {
      for (let i = 0; i < 3; ++i) platform.queue(update);
      await bring({ text: "last" });
      await until("the last", async () => (await stage.messages(contact)).some((one) => one.text === "last"));
    }
    expect((await stage.messages(contact)).filter((one) => one.text === "once")).toHaveLength(1);
  });

  describe("killed with kill -9", () => {
    const scene = async (): Promise<Scene> => ({
      stage, connector, contact: await stage.contactOf("tg", "777"),
      swallow: () => void platform.trouble.push({ status: 200, body: {}, delay_ms: 30_000 }),
      takeSilently: () => void platform.trouble.push({ status: 0, body: {}, hang_up: true, delay_ms: 30_000 }),
      askedLast: () => platform.asked.filter((one) => one.path.includes("/send")).at(-1)?.body.text as string | undefined,
      taken: () => platform.sent.map((one) => String(one.body.text)),
      at_most: 2, // the platform does not let one ask
    });
    it("while the platform works, it brings all, once each, in order", async () => diesBeforeItWasTaken(await scene()));
    it("after the platform took a message and before it heard so, it loses none", async () => diesBeforeItHeard(await scene()));
    it("a customer's message that came meanwhile is taken when it is back, once", async () => {
      const contact = await stage.contactOf("tg", "777");
      await connector.stop("SIGKILL");
      if (hooked) await expect(bring({ text: "are you there?" })).rejects.toThrow();
      else await bring({ text: "are you there?" });
      await connector.start();
      if (hooked) {
        --next; // Telegram tells the same update again
        await bring({ text: "are you there?" });
      }
      await until("it is taken", async () => (await stage.messages(contact)).some((one) => one.text === "are you there?"));
      await bring({ text: "good" });
      await until("the next is taken", async () => (await stage.messages(contact)).some((one) => one.text === "good"));
      expect((await stage.messages(contact)).filter((one) => one.text === "are you there?")).toHaveLength(1);
    });
  });

  it.runIf(!hooked)("fetches again once the platform takes its token again, and says in its log why it could not", async () => {
    const contact = await stage.contactOf("tg", "777");
    platform.fetch_trouble.push(TelegramSim.error(401, "Unauthorized"), TelegramSim.error(500, "Internal Server Error"));
    await bring({ text: "behind the trouble" });
    await until("it is taken", async () => (await stage.messages(contact)).some((one) => one.text === "behind the trouble"));
    expect(connector.output).toContain("tg: nothing is fetched: Unauthorized (401)");
    expect(connector.output).toContain("tg: nothing is fetched: Internal Server Error (500)");
  });

  it("never says the bot's token, also when the platform is gone", async () => {
    const contact = await stage.contactOf("tg", "777");
    await platform.stop();
    const seq = await stage.send(contact, "nobody there");
    const entry = await stage.status(contact, seq, "failed");
    expect(entry.statuses!.at(-1)!.error!.code).toBe("unreachable");
    expect(JSON.stringify(entry)).not.toContain("AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
    expect(connector.output).not.toContain("AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
    await platform.start();
  });
});

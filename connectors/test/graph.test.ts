import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphSim } from "../sim/graph.js";
import { shuffled } from "../sim/server.js";
import { graphError } from "../sim/whatsapp.js";
import { diesBeforeItHeard, diesBeforeItWasTaken, type Scene } from "./killed.js";
import { Stage, until, type Running } from "./stage.js";
import { bearsTrouble } from "./troubled.js";

describe.each([
  { kind: "messenger" as const, object: "page" as const, reached: ["pending", "sent", "delivered", "read"] },
  { kind: "instagram" as const, object: "instagram" as const, reached: ["pending", "sent", "read"] },
])("$kind", ({ kind, object, reached }) => {
  const stage = new Stage();
  let platform: GraphSim;
  let connector: Running;
  let contact = "";

  beforeAll(async () => {
    await stage.start();
    await stage.admin.call("channel.put", { id: "page", kind, name: kind, retry: { attempts: 5, delay_ms: 50, delay_max_ms: 200, ack_timeout_ms: 60_000 } });
    platform = await new GraphSim({ object, account_id: "1906385232743451", app_secret: "app-secret", webhook: () => `http://127.0.0.1:${connector.port}/hook` }).start();
    connector = await stage.connector([{
      kind, channel: "page", path: "/hook", base_url: platform.url, allow_http: true, account_id: "1906385232743451",
      access_token: stage.secretFile("access", "page-access-token"), app_secret: { env: "SECRET_IN_ENV" }, verify_token: stage.secretFile("verify", "verify me"),
      media_types: ["image/"],
    }]);
    expect(await platform.tell([GraphSim.message("psid-1", "m_in1", { text: "hello, world!" })])).toBe(200);
    contact = await stage.contactOf("page", "psid-1");
  });
  afterAll(async () => {
    await stage.stop();
    await platform?.stop();
  });

  it("answers the platform's verification only to who knows the token", async () => {
    const ask = (token: string) => fetch(`http://127.0.0.1:${connector.port}/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${encodeURIComponent(token)}`);
    const good = await ask("verify me");
    expect([good.status, await good.text()]).toEqual([200, "1158201444"]);
    expect((await ask("guess")).status).toBe(403);
  });

  it("takes messages once each, in whatever form, and nobody's without the secret", async () => {
    expect(await platform.tell([GraphSim.message("psid-1", "forged", { text: "forged" })], "another")).toBe(401);
    const events = [
      GraphSim.message("psid-1", "m_a", { attachments: [{ type: "image", payload: { url: "https://scontent.example/a.jpg" } }] }),
      GraphSim.message("psid-1", "m_b", { attachments: [{ type: "location", payload: { coordinates: { lat: 1.5, long: 2.5 } } }] }),
      GraphSim.message("psid-1", "m_c", { attachments: [{ type: "template", payload: {} }] }),
      { sender: { id: "psid-1" }, postback: { mid: "m_d", title: "Get started", payload: "START" } },
      GraphSim.message("psid-1", "m_e", { text: "our own", is_echo: true }),
      GraphSim.message("psid-1", "m_f", { attachments: [{ type: "video", payload: { url: "https://scontent.example/a.mp4" } }] }), // not of media_types
    ];
    for (let i = 0; i < 2; ++i) expect(await platform.tell(events)).toBe(200);
    const said = (await stage.messages(contact)).slice(1);
    expect(said.map((one) => one.type)).toEqual(["attachment", "location", "unsupported", "text", "unsupported"]);
    expect(said[0]!.attachments![0]!.url).toBe("https://scontent.example/a.jpg");
  });

  it("sends, and hears what became of it", async () => {
    const seq = await stage.send(contact, "hi");
    await stage.status(contact, seq, "sent");
    const sent = platform.sent.at(-1)!;
    expect(sent.body).toEqual({ recipient: { id: "psid-1" }, messaging_type: "RESPONSE", message: { text: "hi" } });
    if (kind === "messenger") {
      expect(await platform.tell([{ sender: { id: "psid-1" }, delivery: { mids: [sent.mid], watermark: Date.now() } }])).toBe(200);
      expect(await platform.tell([{ sender: { id: "psid-1" }, read: { watermark: Date.now() } }])).toBe(200);
    } else {
      expect(await platform.tell([{ sender: { id: "psid-1" }, read: { mid: sent.mid } }])).toBe(200);
    }
    const entry = await stage.status(contact, seq, "read");
    expect(entry.statuses!.map((one) => one.status)).toEqual(reached);
  });

  it("takes batches in any order, and statuses twice and the last one first", async () => {
    const batch = Array.from({ length: 6 }, (_, i) => GraphSim.message("psid-1", `m_dup${i}`, { text: `dup ${i}` }));
    for (const seed of [1, 2, 3]) expect(await platform.tell(shuffled(batch, seed))).toBe(200);
    expect((await stage.messages(contact)).map((one) => one.text).filter((one) => one?.startsWith("dup ")).sort()).toEqual(batch.map((_, i) => `dup ${i}`));
    const seq = await stage.send(contact, "any order");
    await stage.status(contact, seq, "sent");
    const { mid } = platform.sent.at(-1)!;
    const read = { sender: { id: "psid-1" }, read: kind === "messenger" ? { watermark: Date.now() } : { mid } };
    const delivered = { sender: { id: "psid-1" }, delivery: { mids: [mid], watermark: Date.now() } };
    expect(await platform.tell(kind === "messenger" ? [read, delivered, delivered, read] : [read, read])).toBe(200);
    expect((await stage.status(contact, seq, "read")).statuses!.map((one) => one.status)).toEqual(reached);
  });

  it("waits as long as the platform says, then tries again after 429, 5xx and an expired token, in order and once", () => bearsTrouble({
    stage, contact, trouble: platform.trouble,
    limited: (after_s) => graphError(429, 4, "Application request limit reached", { "retry-after": String(after_s) }),
    broken: graphError(503, 2, "Service temporarily unavailable"), expired: graphError(401, 190, "Error validating access token: Session has expired"),
    asked: () => platform.asked.map(({ body, at }) => ({ text: String((body.message as { text?: string })?.text), at })),
    taken: () => platform.sent.map(({ body }) => String((body.message as { text?: string }).text)),
  }));

  it("with the tag human_agent says so to the platform, and after a limit tries again", async () => {
    platform.trouble.push(graphError(400, 613, "Calls to this API have exceeded the rate limit."), graphError(500, 2, "Service temporarily unavailable"));
    const seq = await stage.send(contact, "late", { tag: "human_agent" });
    await stage.status(contact, seq, "sent");
    expect(platform.sent.at(-1)!.body).toMatchObject({ messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" });
  });

  it("goes on with the part that failed, not from the beginning", async () => {
    const before = platform.sent.length;
    platform.trouble.push(null, graphError(503, 2, "Service temporarily unavailable"));
    const seq = await stage.send(contact, "and a text", { type: "attachment", attachments: [{ url: "https://shop.example/1.png", mime_type: "image/png" }] });
    await stage.status(contact, seq, "sent");
    expect(platform.sent.slice(before).map((one) => Object.keys(one.body.message as object)[0])).toEqual(["attachment", "text"]);
  });

  describe("killed with kill -9", () => {
    const text = (body: Record<string, unknown> | undefined): string | undefined => (body?.message as { text?: string } | undefined)?.text;
    const scene = (): Scene => ({
      stage, connector, contact,
      swallow: () => void platform.trouble.push({ status: 200, body: {}, delay_ms: 30_000 }),
      takeSilently: () => void platform.trouble.push({ status: 0, body: {}, hang_up: true, delay_ms: 30_000 }),
      askedLast: () => text(platform.asked.at(-1)?.body),
      taken: () => platform.sent.map((one) => text(one.body) ?? ""),
      at_most: 2, // the platform does not let one ask
    });
    it("while the platform works, it brings all, once each, in order", () => diesBeforeItWasTaken(scene()));
    it("after the platform took a message and before it heard so, it loses none", () => diesBeforeItHeard(scene()));
    it("a customer's message that it could not hand over is told again, and is there once", async () => {
      await connector.stop("SIGKILL");
      const event = GraphSim.message("psid-1", "m_down", { text: "are you there?" });
      await expect(platform.tell([event])).rejects.toThrow();
      await connector.start();
      for (let i = 0; i < 2; ++i) expect(await platform.tell([event])).toBe(200);
      expect((await stage.messages(contact)).filter((one) => one.text === "are you there?")).toHaveLength(1);
    });
  });

  it("shows why the platform refused", async () => {
    platform.trouble.push(graphError(400, 551, "This person isn't available right now."));
    const seq = await stage.send(contact, "x");
    expect((await stage.status(contact, seq, "failed")).statuses!.at(-1)!.error).toEqual({ code: "551", message: "This person isn't available right now." });
    await until("nothing more", () => platform.trouble.length === 0);
  });

  it("says no secret in its log", () => {
    for (const secret of ["page-access-token", "app-secret", "verify me"]) expect(connector.output).not.toContain(secret);
  });
});

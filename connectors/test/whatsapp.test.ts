import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shuffled } from "../sim/server.js";
import { graphError, sign, WhatsAppSim } from "../sim/whatsapp.js";
import { Stage, until, type Running } from "./stage.js";
import { bearsTrouble } from "./troubled.js";

describe("WhatsApp", () => {
  const stage = new Stage();
  let platform: WhatsAppSim;
  let connector: Running;
  let contact = "";

  beforeAll(async () => {
    await stage.start();
    await stage.admin.call("channel.put", { id: "wa", kind: "whatsapp", name: "WhatsApp", retry: { attempts: 4, delay_ms: 50, delay_max_ms: 400, ack_timeout_ms: 60_000 } });
    platform = await new WhatsAppSim({ phone_number_id: "106540352242922", app_secret: "app-secret", webhook: () => `http://127.0.0.1:${connector.port}/whatsapp` }).start();
    connector = await stage.connector([{
      kind: "whatsapp", channel: "wa", path: "/whatsapp", base_url: platform.url, allow_http: true, phone_number_id: "106540352242922",
      access_token: stage.secretFile("wa-access", "wa-access-token"), app_secret: { env: "SECRET_IN_ENV" }, verify_token: stage.secretFile("wa-verify", "verify me"),
      media_types: ["image/", "application/pdf"], media_bytes_max: 1000,
    }]);
    expect(await platform.receive([WhatsAppSim.message("16315551234", "wamid.in1", { type: "text", text: { body: "Does it come in another color?" } })])).toBe(200);
    contact = await stage.contactOf("wa", "16315551234");
  });
  afterAll(async () => {
    await stage.stop();
    await platform?.stop();
  });

  it("answers the platform's verification only to who knows the token", async () => {
    const ask = (token: string) => fetch(`http://127.0.0.1:${connector.port}/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${encodeURIComponent(token)}`);
    const good = await ask("verify me");
    expect([good.status, await good.text()]).toEqual([200, "1158201444"]);
    expect((await ask("guess")).status).toBe(403);
  });

  it("takes a customer's messages of every type, and shows what it has no type for as such", async () => {
    platform.media.set("media-1", { type: "image/jpeg", bytes: Buffer.from("jpeg bytes") });
    const m = (id: string, content: Record<string, unknown>) => WhatsAppSim.message("34600111222", id, content);
    expect(await platform.receive([
      m("t1", { type: "image", image: { id: "media-1", mime_type: "image/jpeg", caption: "mira" } }),
      m("t2", { type: "location", location: { latitude: 38.9, longitude: -77.03, name: "Main Street Beach", address: "Main Street" } }),
      m("t3", { type: "interactive", interactive: { type: "button_reply", button_reply: { id: "yes", title: "Sí, gracias" } } }),
      m("t4", { type: "reaction", reaction: { message_id: "x", emoji: "👍" } }),
      m("t5", { type: "unsupported", errors: [{ code: 131051, title: "Message type unknown" }] }),
      m("t6", { type: "video", video: { id: "media-2", mime_type: "video/mp4" } }),
    ], "Lucía")).toBe(200);
    const who = await stage.contactOf("wa", "34600111222");
    const said = await stage.messages(who);
    expect(said.map((one) => one.type)).toEqual(["attachment", "location", "text", "unsupported", "unsupported", "unsupported"]);
    expect(said[0]!.text).toBe("mira");
    expect(said[1]!.location).toMatchObject({ latitude: 38.9, name: "Main Street Beach" });
    expect(said[2]!.text).toBe("Sí, gracias");
    expect(said[3]!.text).toBe("[reaction 👍]");
    expect((await stage.admin.call("contact.get", { contact: who })).contact).toMatchObject({ first_name: "Lucía", phone: "+34600111222" });
    // The file behind the attachment wants the platform's token: the connector has it.
    const file = await fetch(said[0]!.attachments![0]!.url);
    expect([file.status, file.headers.get("content-type"), await file.text()]).toEqual([200, "image/jpeg", "jpeg bytes"]);
    expect((await fetch(said[0]!.attachments![0]!.url.replace(/.$/, (last) => (last === "0" ? "1" : "0")))).status).toBe(404);
  });

  it("brings a message whose sender's profile the engine does not take, without the profile", async () => {
    // Six digits are no telephone number to the engine.
    expect(await platform.receive([WhatsAppSim.message("123456", "short1", { type: "text", text: { body: "from a short number" } })], "Ada")).toBe(200);
    const who = await stage.contactOf("wa", "123456");
    expect((await stage.messages(who)).map((one) => one.text)).toEqual(["from a short number"]);
    expect((await stage.admin.call("contact.get", { contact: who })).contact.phone).toBeNull();
  });

  it("refuses what is not signed, or signed with another secret, and bodies without end", async () => {
    const body = platform.envelope({ messages: [WhatsAppSim.message("16315551234", "forged", { type: "text", text: { body: "forged" } })] });
    expect(await platform.bring(body, {})).toBe(401);
    expect(await platform.bring(body, sign("another secret", body))).toBe(401);
    expect(await platform.bring(body, { "x-hub-signature-256": "sha256=" })).toBe(401);
    expect(await platform.bring(`${body} `, sign("app-secret", body))).toBe(401);
    expect(await platform.bring("{", sign("app-secret", "{"))).toBe(400);
    const endless = "x".repeat(4 * 1024 * 1024);
    expect(await platform.bring(endless, sign("app-secret", endless)).catch(() => 413)).toBe(413);
    expect((await stage.messages(contact)).some((one) => one.text === "forged")).toBe(false);
  });

  it("takes the same webhook twice, and batches in any order, once", async () => {
    const batch = Array.from({ length: 8 }, (_, i) => WhatsAppSim.message("16315551234", `dup${i}`, { type: "text", text: { body: `dup ${i}` } }));
    for (const seed of [1, 2, 3]) expect(await platform.receive(shuffled(batch, seed))).toBe(200);
    const said = (await stage.messages(contact)).filter((one) => one.text?.startsWith("dup "));
    expect(said.map((one) => one.text).sort()).toEqual(batch.map((_, i) => `dup ${i}`));
  });

  it("sends text, attachments, places, and takes statuses twice and in any order", async () => {
    const before = platform.sent.length;
    const seq = await stage.send(contact, "Yes, in blue.");
    const entry = await stage.status(contact, seq, "sent");
    const sent = platform.sent[before]!;
    expect(sent.body).toMatchObject({ messaging_product: "whatsapp", to: "16315551234", type: "text", text: { body: "Yes, in blue." } });
    expect(entry.provider_id).toBe(sent.id);
    await platform.report([platform.status(sent, "read"), platform.status(sent, "delivered"), platform.status(sent, "sent"), platform.status(sent, "delivered")]);
    const after = await stage.status(contact, seq, "read");
    expect(after.statuses!.map((one) => one.status)).toEqual(["pending", "sent", "delivered", "read"]);

    const picture = await stage.send(contact, "the blue one", { type: "attachment", attachments: [{ url: "https://shop.example/blue.png", mime_type: "image/png" }] });
    await stage.status(contact, picture, "sent");
    expect(platform.sent.at(-1)!.body).toMatchObject({ type: "image", image: { link: "https://shop.example/blue.png", caption: "the blue one" } });
    const large = await stage.send(contact, "", { type: "attachment", text: undefined, attachments: [{ url: "https://shop.example/x.png", mime_type: "image/png", bytes: 5000 }] });
    expect((await stage.status(contact, large, "failed")).statuses!.at(-1)!.error!.code).toBe("media_refused");
  });

  it("shows the platform's code and text on a message that it refuses, at once or later", async () => {
    platform.trouble.push(graphError(400, 131026, "Message undeliverable"));
    const seq = await stage.send(contact, "refused");
    const entry = await stage.status(contact, seq, "failed");
    expect(entry.statuses!.at(-1)!.error).toEqual({ code: "131026", message: "Message undeliverable" });

    const later = await stage.send(contact, "fails later");
    await stage.status(contact, later, "sent");
    await platform.report([platform.status(platform.sent.at(-1)!, "failed", [{ code: 131047, title: "Re-engagement message", message: "Re-engagement message" }])]);
    // What was sent stays sent (PRODUCT.md §2: the highest reached is shown); the error is there to be read.
    await until("the error", async () => (await stage.messages(contact)).find((one) => one.seq === later)?.statuses?.some((s) => s.error?.code === "131047"));
  });

  it("waits as long as the platform says, then tries again after 429, 5xx and an expired token, in the contact's order, and once", () => bearsTrouble({
    stage, contact, trouble: platform.trouble,
    limited: (after_s) => graphError(429, 130429, "Rate limit hit", { "retry-after": String(after_s) }),
    broken: graphError(503, 2, "Service temporarily unavailable"), expired: graphError(401, 190, "Error validating access token: Session has expired"),
    asked: () => platform.asked.map(({ body, at }) => ({ text: String((body.text as { body?: string })?.body), at })),
    taken: () => platform.sent.map(({ body }) => String((body.text as { body?: string })?.body)),
  }));

  it("gives up after as many attempts as the channel says, with the last reason", async () => {
    platform.trouble.push(...Array.from({ length: 4 }, () => graphError(500, 131000, "Something went wrong")));
    const seq = await stage.send(contact, "never");
    const entry = await stage.status(contact, seq, "failed");
    expect(entry.statuses!.at(-1)!.error).toEqual({ code: "131000", message: "Something went wrong" });
  });

  it("brings only templates once the window is closed", async () => {
    await stage.admin.call("channel.put", { id: "wa", kind: "whatsapp", name: "WhatsApp", window_ms: 1 });
    await expect(stage.send(contact, "too late")).rejects.toMatchObject({ reason: "window_closed" });
    const seq = await stage.send(contact, "", { type: "template", text: undefined, template: { name: "order_update", language: "en_US", parameters: ["Ada", "42"] } });
    await stage.status(contact, seq, "sent");
    expect(platform.sent.at(-1)!.body).toMatchObject({
      type: "template", template: { name: "order_update", language: { code: "en_US" }, components: [{ type: "body", parameters: [{ type: "text", text: "Ada" }, { type: "text", text: "42" }] }] },
    });
    await stage.admin.call("channel.put", { id: "wa", kind: "whatsapp", name: "WhatsApp", retry: { attempts: 8, delay_ms: 50, delay_max_ms: 400, ack_timeout_ms: 60_000 } });
  });

  it("killed in the middle of its work it loses nothing, and sends nothing twice", async () => {
    const before = platform.sent.length;
    const seqs: number[] = [];
    for (let i = 0; i < 12; ++i) {
      // The platform takes it, and its answer does not come: the worst moment to die.
      if (i === 6) await stage.status(contact, seqs[5]!, "sent");
      if (i === 6) platform.trouble.push({ status: 200, body: {}, delay_ms: 30_000 });
      seqs.push(await stage.send(contact, `k${i}`));
      if (i === 6) await until("the sixth is with the platform", () => platform.asked.some((a) => (a.body.text as { body?: string })?.body === "k6"));
    }
    await connector.stop("SIGKILL");
    // The sixth was never kept by the platform in this run (its answer was trouble): it has to be sent. The others are.
    await connector.start();
    for (const seq of seqs) await stage.status(contact, seq, "sent");
    const texts = platform.sent.slice(before).map((one) => (one.body.text as { body: string }).body);
    expect(texts).toEqual(seqs.map((_, i) => `k${i}`));
  });

  it("killed after the platform took a message and before it heard so, it learns it from the status", async () => {
    const before = platform.sent.length;
    platform.trouble.push({ status: 0, body: {}, hang_up: true, delay_ms: 30_000 });
    const seq = await stage.send(contact, "taken");
    const sent = await until("the platform has it", () => platform.sent[before]);
    await connector.stop("SIGKILL");
    await connector.start();
    expect(await platform.report([platform.status(sent, "sent"), platform.status(sent, "delivered")])).toBe(200);
    await stage.status(contact, seq, "delivered");
    const next = await stage.send(contact, "next");
    await stage.status(contact, next, "sent");
    expect(platform.sent.slice(before).map((one) => (one.body.text as { body: string }).body)).toEqual(["taken", "next"]);
  });

  it("has the platform bring again what the engine could not take", async () => {
    await stage.restartEngine();
    expect(await until("the webhook is taken", async () => ((await platform.receive([WhatsAppSim.message("16315551234", "after", { type: "text", text: { body: "still there?" } })])) === 200 ? 200 : null))).toBe(200);
    await until("it is there", async () => (await stage.messages(contact)).filter((one) => one.text === "still there?").length === 1);
  });

  it("says no secret in its log", () => {
    for (const secret of ["wa-access-token", "app-secret", "verify me"]) expect(connector.output).not.toContain(secret);
  });
});

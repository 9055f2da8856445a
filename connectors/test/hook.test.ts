import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HookSim } from "../sim/hook.js";
import { shuffled } from "../sim/server.js";
import { Stage, until, type Running } from "./stage.js";
import { bearsTrouble } from "./troubled.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

describe("the generic signed webhooks", () => {
  const stage = new Stage();
  let platform: HookSim;
  let connector: Running;
  let contact = "";
  const message = (id: string, text: string) => ({ external_id: "u1", provider_id: id, type: "text", text });

  beforeAll(async () => {
    await stage.start();
    await stage.admin.call("channel.put", { id: "own", kind: "custom", name: "Own", retry: { attempts: 8, delay_ms: 50, delay_max_ms: 200, ack_timeout_ms: 60_000 } });
    platform = await new HookSim({ secret: "shared", webhook: () => `http://127.0.0.1:${connector.port}/in` }).start();
    connector = await stage.connector([{ kind: "webhook", channel: "own", path: "/in", url: `${platform.url}/out`, allow_http: true, secret: stage.secretFile("shared", "shared") }]);
    expect(await platform.tell({ messages: [message("1", "hello")] })).toBe(200);
    contact = await stage.contactOf("own", "u1");
  });
  afterAll(async () => {
    await stage.stop();
    await platform?.stop();
  });

  it("refuses replays that are old, and takes young ones once", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await platform.tell({ messages: [message("old", "old")] }, now - 400)).toBe(401);
    for (let i = 0; i < 3; ++i) expect(await platform.tell({ messages: [message("2", "again")] }, now)).toBe(200);
    expect((await stage.messages(contact)).map((one) => one.text)).toEqual(["hello", "again"]);
  });

  it("refuses what is not signed, signed with another secret or over another body, and bodies without end", async () => {
    const body = JSON.stringify({ messages: [message("forged", "forged")] });
    const now = String(Math.floor(Date.now() / 1000));
    const bring = (signature: string | undefined, at = now, what = body) =>
      HookSim.bring(`http://127.0.0.1:${connector.port}/in`, { "x-inboxd-timestamp": at, ...(signature === undefined ? {} : { "x-inboxd-signature": signature }) }, what);
    const sign = (secret: string, at = now, what = body) => new HookSim({ secret, webhook: () => "" }).sign(at, what);
    expect(await bring(undefined)).toBe(401);
    expect(await bring(sign("another"))).toBe(401);
    expect(await bring(sign("shared"), now, `${body} `)).toBe(401);
    expect(await bring(sign("shared"), String(Number(now) - 1))).toBe(401);
    expect(await bring(sign("shared", now, "{"), now, "{")).toBe(400);
    const endless = "x".repeat(4 * 1024 * 1024);
    expect(await bring(sign("shared", now, endless), now, endless).catch(() => 413)).toBe(413);
    expect((await stage.messages(contact)).some((one) => one.text === "forged")).toBe(false);
  });

  it("takes batches twice and in any order, each message once", async () => {
    const batch = Array.from({ length: 6 }, (_, i) => message(`any${i}`, `any ${i}`));
    for (const seed of [1, 2, 3]) expect(await platform.tell({ messages: shuffled(batch, seed) })).toBe(200);
    expect((await stage.messages(contact)).map((one) => one.text).filter((one) => one?.startsWith("any ")).sort()).toEqual(batch.map((one) => one.text));
  });

  it("waits as long as the other end says, then tries again after 429 and 5xx, in order and once", () => bearsTrouble({
    stage, contact, trouble: platform.trouble,
    limited: (after_s) => ({ status: 429, body: {}, headers: { "retry-after": String(after_s) } }), broken: { status: 503, body: {} },
    asked: () => platform.asked.map(({ body, at }) => ({ text: String((body.entry as { text?: string })?.text), at })),
    taken: () => [...platform.sent.values()].map((body) => String((body.entry as { text?: string }).text)),
  }));

  it("sends signed, and reports in any order", async () => {
    const seq = await stage.send(contact, "out");
    const entry = await stage.status(contact, seq, "sent");
    const provider_id = entry.provider_id!;
    expect(await platform.tell({ statuses: [{ provider_id, status: "read" }, { provider_id, status: "delivered" }] })).toBe(200);
    await stage.status(contact, seq, "read");
  });

  it("killed while forty messages are on their way, each arrives, and none counts twice", async () => {
    const before = platform.sent.size;
    const seqs: number[] = [];
    for (let i = 0; i < 40; ++i) {
      if (i % 10 === 5) platform.trouble.push({ status: 200, body: {}, hang_up: true, delay_ms: 20 });
      seqs.push(await stage.send(contact, `k${i}`));
      if (i === 20) {
        await connector.stop("SIGKILL");
        await connector.start();
      }
    }
    for (const seq of seqs) await stage.status(contact, seq, "sent");
    const texts = [...platform.sent.values()].slice(before).map((body) => (body.entry as { text: string }).text);
    expect(texts).toEqual(seqs.map((_, i) => `k${i}`));
  });

  it("two connectors on one channel divide the work, and one goes on when the other is gone", async () => {
    const second = await stage.connector([{ kind: "webhook", channel: "own", path: "/in", url: `${platform.url}/out`, allow_http: true, secret: stage.secretFile("shared", "shared") }]);
    for (let i = 0; i < 10; ++i) expect(await platform.tell({ messages: [{ ...message(`many${i}`, "hi"), external_id: `many${i}` }] })).toBe(200);
    const before = platform.sent.size;
    for (let i = 0; i < 10; ++i) await stage.send(await stage.contactOf("own", `many${i}`), "to all");
    await until("all ten", () => platform.sent.size === before + 10);
    await second.stop();
    const seq = await stage.send(contact, "after it");
    await stage.status(contact, seq, "sent");
  });

  it("a paused channel keeps its messages until it is resumed", async () => {
    const { channel } = await stage.admin.call("channel.pause", { channel: "own" });
    expect(channel.paused).toBe(true);
    const before = platform.asked.length;
    const seqs = [await stage.send(contact, "p1"), await stage.send(contact, "p2")];
    expect((await stage.messages(contact)).filter((one) => seqs.includes(one.seq)).map((one) => one.status)).toEqual(["pending", "pending"]);
    expect(platform.asked.length).toBe(before);
    await stage.admin.call("channel.resume", { channel: "own" });
    for (const seq of seqs) await stage.status(contact, seq, "sent");
  });

  it("says no secret in its log", () => {
    expect(connector.output).not.toMatch(/shared|eyJ/); // its tokens are JWTs
  });
});

describe("the configuration", () => {
  const stage = new Stage();
  afterAll(() => stage.stop());
  const run = (config: unknown): { status: number | null; said: string } => {
    const file = join(stage.dir, "config.json");
    writeFileSync(file, JSON.stringify(config));
    const done = spawnSync(process.execPath, [main, "--config", file], { encoding: "utf8", timeout: 20_000 });
    return { status: done.status, said: done.stderr };
  };
  const hook = (more: Record<string, unknown>) => ({
    engine: "ws://127.0.0.1:1/ws",
    channels: [{ kind: "webhook", channel: "c", path: "/in", url: "https://x.example/", token: stage.secretFile("t", "t"), secret: stage.secretFile("s", "s"), ...more }],
  });

  it.each([
    ["a secret in the open", () => hook({ secret: "in the open" }), /secrets do not stand in the configuration/],
    ["a secret that others may read", () => hook({ secret: stage.secretFile("open", "s", 0o644) }), /may be read by others/],
    ["plain http to another machine", () => hook({ url: "http://x.example/" }), /not https/],
    ...["whatsapp", "messenger", "instagram", "telegram"].map((kind): [string, () => unknown, RegExp] => [`plain http to the platform of ${kind}`, () => {
      const secret = stage.secretFile("s", "s");
      const graph = kind === "telegram" ? { bot_token: secret } : { path: "/in", access_token: secret, app_secret: secret, verify_token: secret, [kind === "whatsapp" ? "phone_number_id" : "account_id"]: "1" };
      return { engine: "ws://127.0.0.1:1/ws", channels: [{ kind, channel: "c", token: secret, base_url: "http://x.example", ...graph }] };
    }, /not https/]),
    ["mail without TLS on another machine", () => {
      const server = { host: "mail.example", port: 143, secure: false, user: "u", password: stage.secretFile("s", "s") };
      return { engine: "ws://127.0.0.1:1/ws", channels: [{ kind: "email", channel: "c", token: stage.secretFile("t", "t"), address: "a@mail.example", imap: server, smtp: server }] };
    }, /on another machine/],
    ["an engine in plain text elsewhere", () => ({ ...hook({}), engine: "ws://inbox.example/ws" }), /not wss/],
    ["a member that it does not know", () => hook({ retries: 3 }), /there is no retries/],
    ["a kind that it does not know", () => hook({ kind: "pigeon" }), /there is no pigeon/],
  ])("refuses %s, and says why", (_what, config, why) => {
    const { status, said } = run(config());
    expect(status).toBe(2);
    expect(said).toMatch(why);
  });

  it("says what it is for", () => {
    expect(execFileSync(process.execPath, [main, "--help"], { encoding: "utf8" })).toContain("inboxd-connector --config FILE");
  });
});

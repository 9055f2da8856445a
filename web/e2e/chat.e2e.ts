// The webchat as visitors use it in a real browser, and as those abuse it who do not use a browser.
import { createServer, type Server } from "node:http";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { InboxClient, type MessageEntry } from "@inboxd/client";
import { Engine, inboxd_bin, sayThatItIsSkipped, until } from "../client/test/engine.js";
import { launch, phone } from "./browser.js";

if (!inboxd_bin) sayThatItIsSkipped("The webchat's end-to-end suite");

type Frame = Record<string, unknown> & { type: string };

/** A visitor without a browser: frames in, frames out. */
class Visitor {
  readonly heard: Frame[] = [];
  closed: number | null = null;
  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data) => this.heard.push(JSON.parse(String(data)) as Frame));
    socket.on("close", (code) => (this.closed = code));
    socket.on("error", () => undefined);
  }
  static async open(url: string, origin: string | undefined): Promise<Visitor> {
    const socket = new WebSocket(url, origin ? { origin } : {});
    const visitor = new Visitor(socket);
    await new Promise<void>((yes, no) => {
      socket.once("open", yes);
      socket.once("unexpected-response", (_request, response) => no(new Error(String(response.statusCode))));
    });
    return visitor;
  }
  say(frame: unknown): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }
  hears(type: string, nth = 1): Promise<Frame> {
    return until(`${type} is heard`, () => this.heard.filter((frame) => frame.type === type)[nth - 1]);
  }
  async hello(token?: string): Promise<string> {
    this.say({ type: "hello", token });
    return String((await this.hears("welcome")).token);
  }
  close(): void {
    this.socket.close();
  }
}

describe.skipIf(!inboxd_bin)("the webchat", () => {
  let engine: Engine;
  let browser: Browser;
  let admin: InboxClient;
  let shop: Server;
  let shop_port = 0;

  const chat_url = (channel = "chat"): string => `ws://127.0.0.1:${engine.port}/chat/ws?channel=${channel}`;
  const visit = (channel = "chat"): Promise<Visitor> => Visitor.open(chat_url(channel), engine.url);
  const contacts = async (): Promise<string[]> => {
    const list = admin.view("all", { limit: 200 });
    await until("the list", () => list.phase === "live");
    const ids = list.state.rows.filter((row) => row.channel === "chat").map((row) => row.id);
    list.close();
    return ids;
  };
  const messages = async (contact: string): Promise<MessageEntry[]> =>
    (await admin.call("timeline.page", { contact, limit: 200 })).entries.filter((e): e is MessageEntry => e.kind === "message");
  const contactThatSaid = (text: string): Promise<string> =>
    until(`somebody says ${text}`, async () => {
      for (const id of await contacts()) if ((await messages(id)).some((m) => m.text === text)) return id;
      return null;
    });

  beforeAll(async () => {
    engine = await Engine.start();
    browser = await launch();
    admin = new InboxClient({ url: engine.ws, token: engine.token({ sub: "ana", role: "admin" }) });
    await admin.connect();
    await admin.call("agent.put", { id: "ana", name: "Ana García", role: "admin" });
    // A page of somebody else's, with the script tag.
    shop = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": `script-src ${engine.url}; style-src 'none'` });
      response.end(`<!doctype html><html lang="es"><title>Tienda</title><body><h1>Tienda</h1><script src="${engine.url}/chat.js" data-channel="chat" data-language="es"></script></body></html>`);
    });
    await new Promise<void>((yes) => shop.listen(0, "127.0.0.1", yes));
    shop_port = (shop.address() as { port: number }).port;
    await admin.call("channel.put", { id: "chat", kind: "webchat", name: "Shop", origins: [`http://127.0.0.1:${shop_port}`] });
    await admin.call("channel.put", { id: "own", kind: "webchat", name: "With a connector of its own" });
  });
  afterAll(async () => {
    await browser?.close();
    shop?.close();
    admin?.close();
    await engine?.remove();
  });

  const seat = async (url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<{ context: BrowserContext; page: Page; faults: string[] }> => {
    const context = await browser.newContext({ locale: "en", reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(url);
    return { context, page, faults };
  };
  const log = (page: Page) => page.getByRole("log");

  it("is one small script", async () => {
    const response = await fetch(`${engine.url}/chat.js`);
    expect(response.headers.get("content-type")).toContain("javascript");
    expect(gzipSync(await response.text()).length).toBeLessThan(20 * 1024);
  });

  it("a visitor writes, an agent answers: both see it live, with typing and what was read", async () => {
    const { context, page, faults } = await seat(`${engine.url}/chat?channel=chat`);
    await page.getByRole("dialog").getByText("Shop").waitFor();
    await page.getByRole("textbox").fill("Is it there in blue?");
    await page.keyboard.press("Enter");
    const contact = await contactThatSaid("Is it there in blue?");
    await log(page).getByText("Is it there in blue?").waitFor();
    const open = admin.contact(contact);
    await open.ready;
    await admin.call("contact.assign", { contact, assignee: "ana" });

    // The agent types and reads: the visitor sees both.
    await admin.call("typing.set", { contact, on: true });
    await page.getByText(/is typing/).waitFor();
    await admin.call("typing.set", { contact, on: false });
    await admin.call("contact.read", { contact });
    await page.getByText("Seen", { exact: true }).waitFor();

    await admin.call("comment.add", { contact, text: "a secret of ours" });
    const { entry } = await admin.call("message.send", { contact, text: "Yes, in blue." });
    await log(page).getByText("Yes, in blue.").waitFor();
    expect(await log(page).getByText("Ana García").count()).toBe(1);
    await until("it was read", async () => (await messages(contact)).find((m) => m.seq === (entry as MessageEntry).seq)?.status === "read");
    expect((await messages(contact)).at(-1)!.statuses!.map((s) => s.status)).toEqual(["pending", "sent", "delivered", "read"]);

    // The visitor types: the agent sees it.
    const typed = until("the visitor types", () => open.state.typing.some((who) => who.kind === "contact"));
    await page.getByRole("textbox").pressSequentially("an");
    await typed;

    await admin.call("message.send", { contact, type: "attachment", text: "like this", attachments: [{ url: "https://shop.example/blue.pdf", name: "blue.pdf" }] });
    expect(await log(page).getByRole("link", { name: "blue.pdf" }).getAttribute("href")).toBe("https://shop.example/blue.pdf");
    expect(await page.locator("body").innerText()).not.toContain("a secret of ours");

    // It is all there after a reload, once.
    await page.reload();
    await log(page).getByText("Yes, in blue.").waitFor();
    expect(await log(page).getByText("Is it there in blue?").count()).toBe(1);
    expect(await log(page).innerText()).not.toContain("a secret of ours");
    open.close();
    expect(faults).toEqual([]);
    await context.close();
  });

  it("while the visitor is away a message is sent, when they are back it is delivered, and once they look it is read", async () => {
    const { context, page } = await seat(`http://127.0.0.1:${shop_port}/`);
    await page.getByRole("button", { name: "Abrir chat" }).click();
    await page.getByRole("textbox").fill("vuelvo luego");
    await page.getByRole("button", { name: "Enviar" }).click();
    const contact = await contactThatSaid("vuelvo luego");
    await page.getByText("Enviando…").waitFor({ state: "detached" });
    await page.goto("about:blank");
    const { entry } = await admin.call("message.send", { contact, text: "aquí estamos" });
    const status = async (): Promise<string | null | undefined> => (await messages(contact)).find((m) => m.seq === (entry as MessageEntry).seq)?.status;
    await until("sent", async () => (await status()) === "sent");
    await page.goto(`http://127.0.0.1:${shop_port}/`);
    await page.getByRole("button", { name: /1 mensajes nuevos/ }).waitFor();
    await until("delivered", async () => (await status()) === "delivered");
    await page.getByRole("button", { name: /Abrir chat/ }).click();
    await until("read", async () => (await status()) === "read");
    await context.close();
  });

  it("what was written while the engine was down is sent when it is back, once", async () => {
    const { context, page } = await seat(`${engine.url}/chat?channel=chat&language=es`);
    await page.getByRole("dialog").getByText("Shop").waitFor();
    await engine.stop("SIGKILL");
    await page.getByText("Sin conexión").waitFor();
    await page.getByRole("textbox").fill("¿me oyen?");
    await page.keyboard.press("Enter");
    await engine.run();
    const contact = await contactThatSaid("¿me oyen?");
    await page.getByText("Enviando…").waitFor({ state: "detached" });
    expect((await messages(contact)).length).toBe(1);
    await context.close();
  });

  it.each([{ language: "en", viewport: { width: 1280, height: 800 } }, { language: "es", viewport: phone }])(
    "is accessible, $language", async ({ language, viewport }) => {
      const { context, page } = await seat(`${engine.url}/chat?channel=chat&language=${language}`, { viewport });
      await page.getByRole("dialog").getByText("Shop").waitFor();
      await page.getByRole("textbox").fill("axe");
      await page.keyboard.press("Enter");
      await log(page).getByText("axe").waitFor();
      await page.addScriptTag({ content: axe.source }).catch(() => page.evaluate(axe.source));
      const { violations } = (await page.evaluate("axe.run()")) as { violations: { id: string; nodes: unknown[] }[] };
      expect(violations.map((v) => v.id)).toEqual([]);
      if (viewport === phone) {
        const box = (await page.getByRole("dialog").boundingBox())!;
        expect([box.width, box.height]).toEqual([phone.width, phone.height]);
      }
      // By keyboard alone: out and in again.
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await context.close();
    });

  it("is for pages of its own origin and those of the channel, and no others", async () => {
    for (const [origin, channel, status] of [
      ["http://evil.example", "chat", "403"], ["null", "chat", "403"], [undefined, "chat", "403"],
      [engine.url, "own", "404"], [engine.url, "nothing", "404"], [engine.url, "%00", "404"],
    ] as const) {
      await expect(Visitor.open(chat_url(channel), origin), `${origin} ${channel}`).rejects.toThrow(status);
    }
  });

  it("a token is for the visitor of one channel, and no agent's passes for it nor the other way round", async () => {
    const first = await visit();
    const token = await first.hello();
    first.say({ type: "send", id: "1", text: "mine alone" });
    await first.hears("accepted");
    const again = await visit();
    await again.hello(token);
    expect(((await again.hears("welcome")).messages as Frame[]).map((m) => m.text)).toEqual(["mine alone"]);
    const [who, expires, signature] = token.split(".");
    for (const forged of [`${who}.${expires}.${signature!.replace(/.$/, (c) => (c === "0" ? "1" : "0"))}`, `v-1.${expires}.${signature}`, "", engine.token({ sub: "ana", role: "admin" })]) {
      const stranger = await visit();
      await stranger.hello(forged);
      expect((await stranger.hears("welcome")).messages).toEqual([]);
      stranger.close();
    }
    const agent = new InboxClient({ url: engine.ws, token });
    await expect(agent.connect()).rejects.toMatchObject({ reason: "unauthenticated" });
    agent.close();
    first.close();
    again.close();
  });

  it("the same message twice is one, floods are slowed, nonsense is shown out, and nobody else notices", async () => {
    const calm = await visit();
    await calm.hello();
    const twice = await visit();
    await twice.hello();
    for (let i = 0; i < 2; ++i) twice.say({ type: "send", id: "same", text: "twice" });
    const [one, two] = [await twice.hears("accepted"), await twice.hears("accepted", 2)];
    expect(one.seq).toBe(two.seq);
    const contact = await contactThatSaid("twice");
    expect((await messages(contact)).length).toBe(1);

    const flood = await visit();
    await flood.hello();
    for (let i = 0; i < 30; ++i) flood.say({ type: "send", id: `f${i}`, text: `flood ${i}` });
    expect((await flood.hears("refused")).reason).toBe("rate_limited");
    for (let i = 0; i < 200; ++i) flood.say({ type: "typing", on: true });
    await until("the flood is shut out", () => flood.closed === 4429);

    const long = await visit();
    await long.hello();
    long.say({ type: "send", id: "long", text: "x".repeat(5000) });
    expect((await long.hears("refused")).reason).toBe("too_large");
    long.say({ type: "send", id: "huge", text: "x".repeat(40_000) });
    await until("the huge frame ends it", () => long.closed !== null);

    for (const nonsense of ["{", "[]", "1", '{"type":"send","id":"1","text":"before hello"}', '{"type":"rm"}', "\u0000"]) {
      const visitor = await visit();
      visitor.say(nonsense);
      await until(`${nonsense} ends it`, () => visitor.closed === 4400);
    }
    calm.say({ type: "send", id: "c", text: "all calm" });
    await calm.hears("accepted");
    calm.close();
    twice.close();
  });

  it("opens for many at once, and not for an address that opens without end", async () => {
    // The tests before this one have opened some from this address.
    const all = await Promise.allSettled(Array.from({ length: 120 }, () => visit()));
    const open = all.filter((one): one is PromiseFulfilledResult<Visitor> => one.status === "fulfilled").map((one) => one.value);
    const refused = all.filter((one): one is PromiseRejectedResult => one.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((one) => String(one.reason).includes("429"))).toBe(true);
    const tokens = await Promise.all(open.map((one) => one.hello()));
    expect(new Set(tokens.map((token) => token.split(".")[0])).size).toBe(open.length);
    for (const one of open) one.close();
  });

  it("the demo page asks nobody but its own server", () => {
    expect(readFileSync(new URL("../chat/public/chat.html", import.meta.url), "utf8")).not.toMatch(/https?:\/\//);
  });
});

// The console as agents use it, against the real engine: one agent's day, two agents at once, a restart, and the rules
// of accessibility on each screen.
import { cpus, loadavg } from "node:os";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InboxClient } from "@inboxd/client";
import { Engine, inboxd_bin, sayThatItIsSkipped, until } from "../client/test/engine.js";
import { clean } from "./accessible.js";
import { chromium_path, launch, phone, Seat } from "./browser.js";

if (!inboxd_bin) sayThatItIsSkipped("The console's end-to-end suite");

/** Times are printed; whoever asks for the budget, on a machine that does nothing else, has them checked (`npm run budget`). */
const budget = process.env.INBOXD_E2E_BUDGET === "1";
/** Of the long list; more is for `npm run long-list`. */
const many = Number(process.env.INBOXD_E2E_CONTACTS ?? 2_000);

describe.skipIf(!inboxd_bin)("the console", () => {
  let engine: Engine;
  let browser: Browser;
  let admin: InboxClient;
  let connector: InboxClient;
  let sent = 0;
  const writes = async (external_id: string, text: string): Promise<string> =>
    (await connector.call("inbound.receive", { external_id, provider_id: `p${++sent}`, type: "text", text, profile: { first_name: external_id, last_name: "Tester" } })).contact;
  const sit = (sub: string, looks: Parameters<typeof Seat.take>[3] = {}, role = "agent"): Promise<Seat> =>
    Seat.take(browser, engine.url, engine.token({ sub, role }), looks);

  beforeAll(async () => {
    engine = await Engine.start();
    browser = await launch();
    admin = new InboxClient({ url: engine.ws, token: engine.token({ sub: "root", role: "admin" }), backoff: { first_ms: 50, max_ms: 400 } });
    await admin.connect();
    await admin.call("team.put", { id: "sales", name: "Sales" });
    await admin.call("agent.put", { id: "ana", name: "Ana García", role: "agent", teams: ["sales"] });
    await admin.call("agent.put", { id: "luis", name: "Luis Herrero", role: "agent" });
    await admin.call("channel.put", { id: "web", kind: "webchat", name: "Web chat" });
    await admin.call("field.put", { id: "order", name: "Last order", type: "text" });
    connector = new InboxClient({ url: engine.ws, token: engine.token({ sub: "web", kind: "connector", channel: "web" }), backoff: { first_ms: 50, max_ms: 400 } });
    await connector.connect();
  });
  afterAll(async () => {
    await browser?.close();
    admin?.close();
    connector?.close();
    await engine?.remove();
  });

  it("runs in the Chromium of this machine", () => {
    expect(chromium_path).toBeDefined();
  });

  it("a token link signs in, leaves the address, and survives a reload; a bad one says so", async () => {
    const seat = await sit("ana");
    await seat.get("view-picker").waitFor();
    expect(seat.page.url()).not.toContain("token");
    await seat.page.reload();
    await seat.get("view-picker").waitFor();
    await seat.leave();
    const stranger = await Seat.take(browser, engine.url, "not.a.token");
    await stranger.get("sign-in-error").waitFor();
    await stranger.leave();
  });

  it("an agent's day: a message comes in live, is answered, delivered, commented, snoozed, and marked done with a note", async () => {
    const seat = await sit("ana");
    await seat.get("quick-unassigned").click();
    const contact = await writes("Maria", "Hello, is somebody there?");
    await seat.row(contact).waitFor();
    await seat.get("quick-unassigned").locator(".badge-unread").waitFor();
    await seat.open(contact);
    await seat.row(contact).locator('[data-testid="unread"]').waitFor({ state: "detached" });

    await seat.get("composer-text").fill("Yes, I am here.");
    await seat.page.keyboard.press("Enter");
    const bubble = seat.page.locator('[data-testid="message"][data-direction="out"]').last();
    await bubble.getByText("Yes, I am here.").waitFor();
    expect(await seat.get("composer-text").inputValue()).toBe("");
    await seat.page.locator('[data-event="assigned"]').waitFor();
    await seat.row(contact).waitFor({ state: "detached" });
    await seat.get("quick-mine").click();
    await seat.row(contact).waitFor();
    await seat.open(contact);

    const seq = Number(await bubble.getAttribute("data-seq"));
    await connector.call("outbox.sent", { contact, seq, provider_id: "out-day" });
    await connector.call("inbound.status", { provider_id: "out-day", status: "delivered" });
    await connector.call("inbound.status", { provider_id: "out-day", status: "read" });
    await bubble.locator('[data-status="read"]').first().waitFor();
    await bubble.hover();
    const callout = seat.get("callout");
    await callout.getByText("Ana García").waitFor();
    await callout.getByText("Web chat").waitFor();
    expect(await callout.locator("[data-status]").count()).toBe(4);
    await seat.page.mouse.move(2, 2);
    await callout.waitFor({ state: "detached" });
    await bubble.focus();
    await callout.waitFor();
    await seat.page.keyboard.press("Escape");
    await callout.waitFor({ state: "detached" });

    await seat.get("mode-comment").click();
    await seat.get("composer-text").pressSequentially("Look at this, @Lu");
    await seat.page.keyboard.press("Enter");
    await seat.page.keyboard.press("Enter");
    await seat.get("comment").locator(".mention", { hasText: "@Luis Herrero" }).waitFor();

    await seat.get("snooze").click();
    await seat.get("snooze-tomorrow").click();
    await seat.row(contact).waitFor({ state: "detached" });
    await seat.page.locator('[data-event="snoozed"]').waitFor();
    await seat.get("snooze").click();
    await seat.get("wake").click();
    await seat.row(contact).waitFor();

    await seat.get("done-more").click();
    await seat.get("done-note").click();
    await seat.get("done-dialog").getByLabel("Summary").fill("Answered.");
    await seat.get("done-confirm").click();
    await seat.page.locator('[data-event="done"]').getByText("Answered.").waitFor();
    await seat.row(contact).waitFor({ state: "detached" });
    await seat.get("reopen").waitFor();
    await seat.leave();
  });

  it("two agents see each other's changes: assignment, presence on the contact, drafts stay their own", async () => {
    const [ana, luis] = await Promise.all([sit("ana"), sit("luis", { language: "es", theme: "dark" })]);
    const contact = await writes("Pair", "Who of you?");
    for (const seat of [ana, luis]) {
      await seat.get("quick-unassigned").click();
      await seat.open(contact);
    }
    await ana.get("also-viewing").getByText("Luis Herrero").waitFor();
    await luis.get("composer-text").pressSequentially("Un borrador");
    await ana.get("typing").getByText("Luis Herrero").waitFor();
    expect(await ana.get("composer-text").inputValue()).toBe("");

    await ana.get("assign").click();
    await ana.get("assign-search").fill("luis");
    await ana.page.keyboard.press("Enter");
    await luis.page.locator('[data-event="assigned"]').getByText("Ana García asignó el contacto a Luis Herrero").waitFor();
    await luis.get("quick-mine").click();
    await luis.row(contact).locator(".row-draft", { hasText: "Borrador" }).waitFor();
    await ana.row(contact).waitFor({ state: "detached" });
    await Promise.all([ana.leave(), luis.leave()]);
  });

  it("details are edited in place, checked, and seen by the other agent", async () => {
    const [ana, luis] = await Promise.all([sit("ana"), sit("luis")]);
    const contact = await writes("Details", "hi");
    for (const seat of [ana, luis]) {
      await seat.get("quick-all").click();
      await seat.open(contact);
    }
    await ana.get("detail-email").click();
    await ana.get("detail-email-input").fill("not an address");
    await ana.page.keyboard.press("Enter");
    await ana.page.getByText("This is not an e-mail address.").waitFor();
    await ana.get("detail-email-input").fill("maria@example.com");
    await ana.page.keyboard.press("Enter");
    await luis.get("details").getByText("maria@example.com").waitFor();
    await ana.get("detail-last_name").click();
    await ana.get("detail-last_name-input").fill("López");
    await ana.page.keyboard.press("Enter");
    await luis.get("contact-name").getByText("Details López").waitFor();
    await luis.row(contact).getByText("Details López").waitFor();
    await ana.get("tag-input").fill("vip");
    await ana.page.keyboard.press("Enter");
    await luis.get("tag").getByText("vip").waitFor();
    await ana.get("priority-urgent").click();
    await luis.row(contact).locator(".priority-urgent").waitFor();
    await Promise.all([ana.leave(), luis.leave()]);
  });

  it("a custom view is built, holds what it should, and follows changes", async () => {
    const seat = await sit("ana");
    const contact = await writes("Filter", "hi");
    await seat.get("quick-all").click();
    await seat.get("view-picker").click();
    await seat.get("view-new").click();
    await seat.get("view-name").fill("Golden");
    await seat.get("view-editor").getByLabel("Field").selectOption("tags");
    await seat.get("view-editor").getByLabel("Value").fill("golden");
    await seat.get("view-save").click();
    await seat.get("view-current").getByText("Golden").waitFor();
    await seat.row(contact).waitFor({ state: "detached" });
    await admin.call("contact.update", { contact, tags_add: ["golden"] });
    await seat.row(contact).waitFor();
    await seat.get("view-picker").locator(".badge", { hasText: "1" }).waitFor();
    await admin.call("contact.update", { contact, tags_remove: ["golden"] });
    await seat.row(contact).waitFor({ state: "detached" });
    await seat.leave();
  });

  it("S29 what the engine refuses of a filter stands at the condition that it is about", async () => {
    const seat = await sit("ana");
    await seat.get("view-picker").click();
    await seat.get("view-new").click();
    await seat.get("view-name").fill("Backwards");
    await seat.get("add-condition").click();
    const second = seat.get("condition").nth(1);
    await second.getByLabel("Condition", { exact: true }).selectOption("in");
    await second.getByLabel("Value").fill("open, broken");
    await seat.get("view-save").click();
    await second.getByTestId("condition-why").waitFor();
    expect(await seat.get("condition-why").count()).toBe(1);
    expect(await second.getByLabel("Value").getAttribute("aria-invalid")).toBe("true");
    await second.getByLabel("Value").fill("open, done");
    await second.getByTestId("condition-why").waitFor({ state: "detached" });
    await seat.get("view-save").click();
    await seat.get("view-current").getByText("Backwards").waitFor();
    await seat.leave();
  });

  it("a list that the engine still builds says how far it is, and so does the badge of a view that is counted", async () => {
    const { view } = await admin.call("view.create", { name: "Rare", filter: { field: "tags", op: "has_any", value: ["rare"] }, visibility: "workspace" });
    const contact = await writes("Rare", "hello");
    const seat = await sit("ana");
    await seat.get("view-picker").waitFor();
    // The answer is held back on its way, as it is while the engine looks at a million contacts; all else is the engine's.
    let held: (() => void) | null = null;
    let counters_sub = "";
    let tell: (message: unknown) => void = () => undefined;
    await seat.page.routeWebSocket(/\/ws$/, (page) => {
      const line = page.connectToServer();
      const asked = new Map<number, string>();
      tell = (params) => page.send(JSON.stringify({ jsonrpc: "2.0", method: "view.progress", params }));
      page.onMessage((text) => {
        for (const one of [JSON.parse(String(text))].flat() as Array<{ id: number; method: string; params: { view?: string } }>) {
          asked.set(one.id, `${one.method} ${one.params.view ?? ""}`.trim());
        }
        line.send(text);
      });
      line.onMessage((text) => {
        const { id, result } = JSON.parse(String(text)) as { id?: number; result?: { sub?: string } };
        const question = id === undefined ? "" : asked.get(id);
        if (question === "counters.subscribe") counters_sub = result!.sub!;
        if (question === `view.subscribe ${view}`) held = () => page.send(text);
        else page.send(text);
      });
    });
    await seat.page.reload();
    await seat.get("view-picker").click();
    await seat.get(`view-${view}`).click();
    await until("the list is asked for", () => held !== null);
    tell({ sub: "s999", view, done: 250_000, total: 1_000_000 });
    await seat.get("building").getByText("250,000 of 1,000,000").waitFor();
    await clean(seat.page);
    tell({ sub: counters_sub, view, done: 400_000, total: 1_000_000 });
    await seat.get("counting").getByText("40 %", { exact: true }).waitFor();
    held!();
    await seat.get("building").waitFor({ state: "detached" });
    await admin.call("contact.update", { contact, tags_add: ["rare"] });
    await seat.row(contact).waitFor();
    await seat.get("counting").waitFor({ state: "detached" });
    await admin.call("view.delete", { view });
    await seat.leave();
  });

  it("what a channel allows and reports is shown where one writes and in the details, and that it is paused", async () => {
    await admin.call("channel.put", { id: "insta", kind: "instagram", name: "Instagram of the shop" });
    const insta = new InboxClient({ url: engine.ws, token: engine.token({ sub: "insta", kind: "connector", channel: "insta" }) });
    await insta.connect();
    const { contact } = await insta.call("inbound.receive", { external_id: "i1", provider_id: "i1", type: "text", text: "hola", profile: { first_name: "Inés" } });
    await admin.call("contact.update", { contact, set: { language: "es" }, tags_add: ["one", "a second tag", "a third tag of some length"] });
    await admin.call("message.send", { contact, text: "an answer" });
    await admin.call("channel.pause", { channel: "insta" });
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    await seat.get("channel-paused").getByText("Instagram of the shop is paused").waitFor();
    await seat.get("coverage").getByText("Reports sent, read, and not delivered").waitFor();
    await seat.get("countdown").waitFor();
    await seat.get("details").getByTestId("channel-rules").getByText("Open for 1 day after each of their messages; as a person's own message for 7 days. Reports sent, read").waitFor();
    await seat.get("detail-language").getByText("Spanish").waitFor();
    await seat.page.locator('[data-testid="message"][data-direction="out"]').hover();
    await seat.get("callout").getByText("This channel does not tell: delivered").waitFor();
    // No tag is cut: what has no room is a number that names them.
    const rest = seat.row(contact).getByTestId("more-tags");
    expect(await rest.getAttribute("title")).toContain("a third tag of some length");
    const cut = await seat.row(contact).locator(".chip-tag").evaluateAll((chips) => chips.filter((chip) => chip.scrollWidth > chip.clientWidth).map((chip) => chip.textContent));
    expect(cut).toEqual([]);
    await clean(seat.page);
    // Both are told: nothing is asked again.
    await admin.call("channel.resume", { channel: "insta" });
    await seat.get("channel-paused").waitFor({ state: "detached" });
    await admin.call("channel.pause", { channel: "insta" });
    await seat.get("channel-paused").waitFor();
    await admin.call("agent.put", { id: "luis", name: "Luis H. Vega", role: "agent" });
    await seat.get("assign").click();
    await seat.get("assign-luis").getByText("Luis H. Vega").waitFor();
    await admin.call("agent.put", { id: "luis", name: "Luis Herrero", role: "agent" });
    await seat.get("assign-luis").getByText("Luis Herrero").waitFor();
    await admin.call("channel.resume", { channel: "insta" });
    insta.close();
    await seat.leave();
  });

  it("a message that the platform refuses, or the engine, says why where it stands, and is tried again as the same one", async () => {
    await admin.call("channel.put", { id: "fail", kind: "whatsapp", name: "WhatsApp shop" });
    const platform = new InboxClient({ url: engine.ws, token: engine.token({ sub: "fail", kind: "connector", channel: "fail" }) });
    await platform.connect();
    const { contact } = await platform.call("inbound.receive", { external_id: "f1", provider_id: "f1", type: "text", text: "hola", profile: { first_name: "Fidel" } });
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    const bubbles = seat.page.locator('[data-testid="message"][data-direction="out"]');
    await seat.get("composer-text").fill("Never arrives");
    await seat.page.keyboard.press("Enter");
    await bubbles.first().waitFor();
    await platform.call("outbox.failed", { contact, seq: Number(await bubbles.first().getAttribute("data-seq")), error: { code: "131026", message: "Message undeliverable" } });
    await bubbles.first().getByText("Message undeliverable (131026)").first().waitFor();
    await seat.row(contact).locator('[data-status="failed"]').waitFor();
    await bubbles.first().focus();
    await seat.get("callout").getByText("The platform says: Message undeliverable (131026)").waitFor();

    // The window closes between the page's last word of it and the command.
    await admin.call("channel.put", { id: "fail", kind: "whatsapp", name: "WhatsApp shop", window_ms: 1 });
    await seat.get("composer-text").fill("Refused, then sent");
    await seat.page.keyboard.press("Enter");
    await seat.get("outgoing").getByText("The messaging window of this channel").waitFor();
    await admin.call("channel.put", { id: "fail", kind: "whatsapp", name: "WhatsApp shop" });
    await seat.get("outgoing").getByRole("button", { name: "Try again" }).click();
    await seat.get("outgoing").waitFor({ state: "detached" });
    await bubbles.getByText("Refused, then sent").waitFor();
    expect((await admin.call("timeline.page", { contact })).entries.filter((one) => one.kind === "message" && one.text === "Refused, then sent").length).toBe(1);

    // Closed for the page, too: what is left is a template.
    await admin.call("channel.put", { id: "fail", kind: "whatsapp", name: "WhatsApp shop", window_ms: 1 });
    await seat.page.reload();
    await seat.get("window-closed").waitFor();
    expect(await seat.get("composer-text").count()).toBe(0);
    await clean(seat.page);
    await seat.get("send-template").click();
    await seat.page.getByLabel("Name of the template").fill("order_update");
    await seat.page.getByLabel("Text shown here").fill("Your order is on its way.");
    await seat.page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await bubbles.getByText("Your order is on its way.").waitFor();
    // What was used once is offered the next time.
    await seat.get("send-template").click();
    await seat.get("template-used").getByText("order_update").click();
    expect(await seat.page.getByLabel("Text shown here").inputValue()).toBe("Your order is on its way.");
    platform.close();
    await seat.leave();
  });

  it("files, places, canned texts and drafts: all that is written besides plain words", async () => {
    const contact = await writes("Writer", "hello");
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    const text = seat.get("composer-text");
    await text.pressSequentially("/hel");
    await seat.page.getByRole("option", { name: "/hello" }).waitFor();
    await seat.page.keyboard.press("Tab");
    await until("the canned text, with the name", async () => (await text.inputValue()) === "Hello Writer, how can I help you?");
    await seat.page.reload();
    await seat.get("composer").waitFor();
    await until("the draft is still there", async () => (await text.inputValue()) === "Hello Writer, how can I help you?");
    await seat.row(contact).getByText("Draft").waitFor();
    await text.fill("");

    await seat.page.getByRole("button", { name: "Send a file" }).click();
    const dialog = seat.page.getByRole("dialog");
    await dialog.getByLabel("Address of the file").fill("javascript:alert(1)");
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Address of the file").fill("https://shop.example/price%20list.pdf");
    await dialog.getByRole("button", { name: "Send" }).click();
    const file = seat.get("timeline").getByRole("link", { name: "price list.pdf" });
    await file.waitFor();
    expect([await file.getAttribute("href"), await file.getAttribute("rel")]).toEqual(["https://shop.example/price%20list.pdf", "noopener noreferrer"]);

    await seat.page.getByRole("button", { name: "Send a location" }).click();
    await dialog.getByLabel("Latitude").fill("91");
    await dialog.getByLabel("Longitude").fill("2.17");
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Latitude").fill("41.38");
    await dialog.getByLabel("Name of the place").fill("The shop");
    await dialog.getByRole("button", { name: "Send" }).click();
    await seat.get("timeline").getByText("The shop").waitFor();
    await seat.leave();
  });

  it("merge, block, an own snooze time, unread, presence, and the number in the title", async () => {
    const contact = await writes("Rarely", "hello");
    const other = await writes("Doubled", "it is me again");
    const [seat, luis] = await Promise.all([sit("ana"), sit("luis")]);
    await seat.get("quick-all").click();
    await seat.open(contact);
    await seat.page.keyboard.press("Escape");
    await seat.open(contact);
    const more = async (what: string): Promise<void> => {
      await seat.get("more").click();
      await seat.get(what).click();
    };
    await more("merge");
    await seat.page.getByLabel("Contact that goes into this one").fill("Doubled");
    await seat.page.getByRole("dialog").locator(".pick", { hasText: "Doubled" }).click();
    await seat.page.getByRole("dialog").getByRole("button", { name: "Merge" }).click();
    await seat.get("timeline").getByText("it is me again").waitFor();
    await seat.row(other).waitFor({ state: "detached" });

    await seat.get("snooze").click();
    await seat.get("snooze-own").click();
    await seat.page.getByLabel("Until").fill("2020-01-01T10:00");
    await seat.page.getByRole("dialog").getByRole("alert").waitFor();
    const tomorrow = new Date(Date.now() + 26 * 3_600_000);
    await seat.page.getByLabel("Until").fill(`${tomorrow.getFullYear()}-${String(tomorrow.getMonth() + 1).padStart(2, "0")}-${String(tomorrow.getDate()).padStart(2, "0")}T10:15`);
    await seat.page.getByRole("dialog").getByRole("button", { name: "Snooze" }).click();
    await seat.page.locator('[data-event="snoozed"]').waitFor();
    await seat.row(contact).getByText("10:15").waitFor();

    await seat.get("assign").click();
    await seat.get("take").click();
    await seat.page.locator('[data-event="assigned"]').waitFor();
    await seat.get("snooze").click();
    await seat.get("wake").click();
    await more("mark-unread");
    await seat.row(contact).locator('[data-testid="unread"]').waitFor();
    await until("the number in the title", async () => /^\(\d+\) /.test(await seat.page.title()));

    await more("block");
    await seat.get("block-confirm").click();
    await seat.get("window-closed").getByText("This contact is blocked").waitFor();
    await seat.row(contact).waitFor({ state: "detached" });
    await more("unblock");
    await seat.row(contact).waitFor();
    await seat.get("composer-text").waitFor();

    await seat.get("presence").click();
    await seat.get("presence-busy").click();
    await luis.get("quick-all").click();
    await luis.open(contact);
    await luis.get("assign").click();
    await luis.get("assign-ana").locator(".dot-busy").waitFor();
    await seat.get("presence").click();
    await seat.get("presence-online").click();
    await Promise.all([seat.leave(), luis.leave()]);
  });

  it("the focus goes through the page in the order in which it is read, and nothing that is pressed is out of its reach", async () => {
    const contact = await writes("Focus", "hello");
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    await seat.get("search").focus();
    const passed: string[] = [];
    for (let i = 0; i < 60; ++i) {
      await seat.page.keyboard.press("Tab");
      const where = await seat.page.evaluate(() => {
        const at = document.activeElement as HTMLElement;
        if (at === document.body) return "page";
        const part = at.closest("nav, .contacts, .conversation, .details");
        const seen = getComputedStyle(at).outlineStyle !== "none" || at.closest(".composer-box") !== null;
        return `${part?.className.split(" ")[0] ?? "page"}${seen ? "" : " (not seen)"}`;
      });
      if (where === "page" || (passed.length > 3 && where === "nav")) break;
      passed.push(where);
    }
    expect(passed.filter((one) => one.endsWith("(not seen)"))).toEqual([]);
    // Each part once, one after the other.
    expect(passed.filter((one, i) => one !== passed[i - 1])).toEqual(["contacts", "conversation", "details"]);
    expect(passed.filter((one) => one === "conversation").length).toBeGreaterThanOrEqual(10);
    await seat.leave();
  });

  it("a long conversation loads its older part as one scrolls, without moving what is read", async () => {
    let contact = "";
    for (let i = 1; i <= 130; ++i) contact = await writes("Long", `line ${i}`);
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    await seat.get("timeline").getByText("line 130", { exact: true }).waitFor();
    expect(await seat.get("timeline").getByText("line 40", { exact: true }).count()).toBe(0);
    for (let i = 0; i < 40 && (await seat.page.getByText("Here it all began.").count()) === 0; ++i) {
      await seat.get("timeline").hover();
      await seat.page.mouse.wheel(0, -2_000);
      await seat.page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
    }
    await seat.page.getByText("Here it all began.").waitFor();
    await seat.get("timeline").getByText("line 1", { exact: true }).waitFor();
    expect(await seat.get("message").count()).toBe(130);
    await seat.leave();
  });

  it("S14 past conversations stand in the details, with their closing notes, and lead to where they began", async () => {
    let contact = "";
    for (let i = 1; i <= 3; ++i) {
      for (let k = 0; k < 40; ++k) contact = await writes("Past", `visit ${i}, line ${k}`);
      if (i < 3) await admin.call("contact.done", { contact, note: { category: "Sale", summary: `Visit ${i} is over.` } });
    }
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    const past = seat.get("past");
    await past.getByText("Conversation 3").waitFor();
    while ((await seat.get("past-more").count()) > 0) {
      const before = await seat.get("past-item").count();
      await seat.get("past-more").click();
      await until("more of the past", async () => (await seat.get("past-more").count()) === 0 || (await seat.get("past-item").count()) > before);
    }
    expect(await seat.get("past-item").count()).toBe(3);
    await past.getByText("Sale · Visit 1 is over.").waitFor();
    await past.getByText("40 messages").first().waitFor();
    await seat.get("past-item").last().click();
    await seat.get("timeline").locator('[data-event="opened"]:focus').waitFor();
    await seat.leave();
  });

  it("a restart of the engine is said plainly, then forgotten: the list and the conversation go on, and what was sent meanwhile goes out once", async () => {
    const contact = await writes("Restart", "before");
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.open(contact);
    await engine.stop("SIGKILL");
    await seat.get("connection").waitFor();
    await seat.get("composer-text").fill("Written without a line.");
    await seat.page.keyboard.press("Enter");
    await seat.get("outgoing").waitFor();
    await engine.run();
    await seat.get("connection").waitFor({ state: "detached", timeout: 40_000 });
    await seat.get("outgoing").waitFor({ state: "detached" });
    await seat.get("timeline").getByText("Written without a line.").waitFor();
    await connector.call("contact.get" as never, {} as never).catch(() => undefined); // waits until the connector is back
    await writes("Restart", "after");
    await seat.get("timeline").getByText("after", { exact: true }).waitFor();
    expect(await seat.get("timeline").getByText("Written without a line.").count()).toBe(1);
    await seat.leave();
  });

  it("the keyboard alone is enough: list, take, reply, done, help", async () => {
    const contact = await writes("Keys", "hello");
    const seat = await sit("ana");
    const keys = seat.page.keyboard;
    await seat.get("view-picker").waitFor();
    await keys.press("g");
    await keys.press("u");
    await seat.row(contact).waitFor();
    await keys.press("j");
    await seat.page.locator(`[data-testid="conversation"][data-contact="${contact}"] [data-testid="composer"]`).waitFor();
    await keys.press("t");
    await seat.page.locator('[data-event="assigned"]').waitFor();
    await keys.press("r");
    await seat.page.locator("#composer-text:focus").waitFor();
    await keys.type("By key.");
    await keys.press("Enter");
    await seat.page.locator('[data-testid="message"][data-direction="out"]').getByText("By key.").waitFor();
    await keys.press("Escape");
    await keys.press("e");
    await seat.get("reopen").waitFor();
    await keys.press("?");
    await seat.get("shortcuts").waitFor();
    await keys.press("Escape");
    await seat.get("shortcuts").waitFor({ state: "detached" });
    await seat.leave();
  });

  it("what calls for an agent sounds, shows a browser's notice while they are elsewhere, and counts in the title; both can be turned off, and stay so", async () => {
    const seat = await Seat.take(browser, engine.url, engine.token({ sub: "ana", role: "agent" }), {}, async (context) => {
      await context.grantPermissions(["notifications"], { origin: engine.url });
      // Only the browser's own ends are watched: what it would show, what it would sound, and whether its window has the focus.
      await context.addInitScript(() => {
        const seen = { shown: [] as { title: string; body: string; notice: Notification }[], tones: [] as AudioContext[], away: false };
        Object.assign(globalThis, { seen });
        globalThis.Notification = class extends Notification {
          constructor(title: string, options?: NotificationOptions) {
            super(title, options);
            seen.shown.push({ title, body: options?.body ?? "", notice: this });
          }
        };
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (this: OscillatorNode, at?: number): void {
          seen.tones.push(this.context as AudioContext);
          start.call(this, at);
        };
        document.hasFocus = () => !seen.away;
      });
    });
    interface Seen { shown: { title: string; body: string; notice: Notification }[]; tones: AudioContext[]; away: boolean }
    const heard = (): Promise<{ shown: string[]; tones: number; running: boolean }> => seat.page.evaluate(() => {
      const { shown, tones } = (globalThis as unknown as { seen: Seen }).seen;
      return { shown: shown.map(({ title, body }) => `${body} ${title}`), tones: tones.length, running: tones.every((one) => one.state === "running" && one.destination.channelCount > 0) };
    });
    const go = (away: boolean): Promise<void> => seat.page.evaluate((away) => void ((globalThis as unknown as { seen: Seen }).seen.away = away), away);
    const turn = async (what: "sound" | "browser"): Promise<void> => {
      await seat.get("notices").click();
      await seat.get(`notice-${what}`).click();
      await seat.page.keyboard.press("Escape");
    };
    const count = async (): Promise<number> => Number(/^\((\d+)\) /.exec(await seat.page.title())?.[1] ?? 0);
    const contact = await writes("Bell", "one");
    await admin.call("contact.assign", { contact, assignee: "ana" });
    await seat.get("quick-mine").click();
    await seat.row(contact).waitFor();
    await until("the number in the title", async () => (await count()) > 0);
    const unread = await count();

    // At the page, on another contact: a sound, and no notice of the browser, which has not been asked yet.
    await writes("Bell", "two");
    await until("a sound", async () => (await heard()).tones === 1);
    expect((await heard()).running).toBe(true);
    await turn("browser");
    await writes("Bell", "three");
    await until("another", async () => (await heard()).tones === 2);
    expect((await heard()).shown).toEqual([]);

    // Looking at it: neither, and nothing unread.
    await seat.open(contact);
    await until("it is read", async () => (await count()) === unread - 1);
    await writes("Bell", "four");
    await seat.get("timeline").getByText("four", { exact: true }).waitFor();

    // Elsewhere, with the contact open: both. The notice leads back to it.
    await seat.get("quick-all").click();
    await seat.page.keyboard.press("Escape");
    await go(true);
    await writes("Bell", "five");
    await until("a notice", async () => (await heard()).shown.length === 1);
    expect(await heard()).toEqual({ shown: ["Bell Tester wrote to you"], tones: 3, running: true });
    await seat.page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen.shown[0]!.notice.dispatchEvent(new Event("click")));
    await seat.page.locator(`[data-testid="conversation"][data-contact="${contact}"]`).waitFor();

    // Turned off, and so after a reload; the bell has kept count meanwhile.
    await turn("sound");
    await turn("browser");
    await seat.page.reload();
    await seat.get("notices").click();
    expect([await seat.get("notice-sound").isChecked(), await seat.get("notice-browser").isChecked()]).toEqual([false, false]);
    await seat.page.keyboard.press("Escape");
    await go(true);
    await writes("Bell", "six");
    await seat.get("notices").getByText("1 new notification").waitFor({ state: "attached" });
    expect(await heard()).toEqual({ shown: [], tones: 0, running: true });

    // A browser that refuses is said, and the box is not ticked.
    await seat.context.clearPermissions();
    await seat.page.evaluate(() => Object.assign(Notification, { requestPermission: () => Promise.resolve("denied") }));
    await turn("browser");
    await seat.page.getByText("The browser does not allow notices from this page").waitFor();
    await seat.get("notices").click();
    expect(await seat.get("notice-browser").isChecked()).toBe(false);
    await seat.leave();
  });

  it("languages are switched on the page, and kept", async () => {
    const seat = await sit("ana", { language: "es" });
    await seat.get("quick-mine").getByText("Mío").waitFor();
    await seat.get("settings").click();
    await seat.get("language-en").click();
    await seat.get("quick-mine").getByText("Mine").waitFor();
    expect(await seat.page.evaluate(() => document.documentElement.lang)).toBe("en");
    await seat.page.reload();
    await seat.get("quick-mine").getByText("Mine").waitFor();
    await seat.leave();
  });

  it("the wallboard counts all of it by team, agent and channel, and follows", async () => {
    const seat = await sit("boss", {}, "manager");
    await seat.get("nav-wallboard").click();
    await seat.page.locator('[data-testid="wallboard"][aria-busy="false"]').waitFor();
    const load = (id: string): Promise<number> => seat.get(`load-${id}`).getByTestId("badge").locator("span").first().innerText().then(Number);
    const ana = await load("ana");
    const contacts = await Promise.all(["Board 1", "Board 2", "Board 3", "Board 4"].map((name) => writes(name, "hello")));
    for (const contact of contacts) await admin.call("contact.assign", { contact, assignee: "ana" });
    await until("four more for Ana", async () => (await load("ana")) === ana + 4);
    await seat.get("board-agents").getByTestId("load-ana").getByText(/waiting/).waitFor();
    // Ana is the team's only member with contacts: her load is the team's.
    await until("as many for her team", async () => (await load("sales")) === ana + 4);
    const { counters } = (await admin.call("view.list", {})).views.find((one) => one.view === "team:sales")!;
    expect(await load("sales")).toBe(counters!.contacts);
    for (const contact of contacts) await admin.call("contact.done", { contact });
    await until("Ana has what she had", async () => (await load("ana")) === ana);
    await until("messages heard of", async () => Number(await seat.get("tile-messages").locator(".tile-value").innerText()) >= contacts.length);
    await seat.leave();
  });

  it("the first row is there soon after the page's load (budget: 300 ms)", async () => {
    const contact = await writes("Quick", "hello");
    const seat = await sit("ana");
    await seat.get("quick-all").click();
    await seat.row(contact).waitFor();
    // Best of a few: the machine may be busy with something else.
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; ++i) {
      await seat.page.addInitScript(() => {
        const watch = new MutationObserver(() => {
          if (!document.querySelector('[data-testid="row"]')) return;
          watch.disconnect();
          (globalThis as unknown as { first_row_ms: number }).first_row_ms = performance.now();
        });
        watch.observe(document, { childList: true, subtree: true });
      });
      await seat.page.reload();
      await seat.row(contact).waitFor();
      best = Math.min(best, await seat.page.evaluate(() => (globalThis as unknown as { first_row_ms: number }).first_row_ms));
    }
    console.log(`first row after ${Math.round(best)} ms`);
    if (budget) expect(best).toBeLessThan(300);
    await seat.leave();
  });

  it("a long list is scrolled to its end and back, with no more rows in the page than are on screen", async () => {
    for (let i = 0; i < many; i += 200) {
      await Promise.all(Array.from({ length: Math.min(200, many - i) }, (_, k) => writes(`Scroll ${i + k}`, "hello")));
    }
    // Of a very long list a tall screen shows more at a time, so that it is at its end before one is asleep.
    const seat = await sit("ana", many > 10_000 ? { size: { width: 1440, height: 4_000 } } : {});
    await seat.get("quick-all").click();
    await seat.get("row").first().waitFor();
    const on_screen = await seat.get("contact-list").evaluate((list) => Math.ceil(list.clientHeight / 78));
    const seen = new Set<string>();
    const look = (): Promise<{ ids: string[]; top: number; missing: number }> => seat.page.evaluate(() => {
      const list = document.querySelector('[data-testid="contact-list"]')!;
      const box = list.getBoundingClientRect();
      const ids = [...list.querySelectorAll<HTMLElement>('[data-testid="row"]')].map((row) => row.dataset.id!);
      let missing = 0;
      for (let y = box.top + 20; y < box.bottom - 20; y += 78) {
        if (!document.elementFromPoint(box.left + 120, y)?.closest('[data-testid="row"]')) ++missing;
      }
      return { ids, top: list.scrollTop, missing };
    });
    await seat.get("contact-list").hover();
    for (const id of (await look()).ids) seen.add(id);
    let still = 0;
    for (let last = -1; still < 20;) {
      await seat.page.mouse.wheel(0, Math.max(1_200, (on_screen - 2) * 78)); // less than a screen and its overscan: every row is drawn once
      await seat.page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
      // The window follows the scroll by a round trip: what is on screen is there before one scrolls on.
      const { ids, top } = await until("rows all over the screen", async () => {
        const now = await look();
        return now.missing === 0 ? now : null;
      });
      expect(ids.length).toBeLessThan(on_screen + 30);
      for (const id of ids) seen.add(id);
      still = top === last ? still + 1 : 0;
      last = top;
    }
    expect(seen.size).toBeGreaterThanOrEqual(many);
    expect((await look()).missing).toBe(0);
    while ((await look()).top > 0) {
      await seat.page.mouse.wheel(0, -many * 4);
      await seat.page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
    }
    await seat.row([...seen][0]!).waitFor();
    await seat.leave();
  }, 300_000 + 15 * many);

  it("typing goes on while the list changes 60 times a second: no letter is lost, and the page keeps drawing", async () => {
    const seat = await sit("ana");
    const contact = await writes("Typing", "hello");
    await seat.get("quick-all").click();
    await seat.open(contact);
    await seat.page.mouse.move(2, 2);
    await seat.page.evaluate(() => {
      const seen = { frames: [] as number[], long_tasks: [] as number[], delays: [] as number[], list: 0 };
      Object.assign(globalThis, { seen });
      let last = performance.now();
      const frame = (at: number): void => {
        seen.frames.push(at - last);
        last = at;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      new PerformanceObserver((list) => seen.long_tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" });
      // From the key to the handler: what a busy page makes one wait for.
      addEventListener("keydown", (event) => seen.delays.push(performance.now() - event.timeStamp), true);
      new MutationObserver(() => ++seen.list).observe(document.querySelector('[data-testid="contact-list"]')!, { childList: true, subtree: true, characterData: true, attributes: true });
    });
    let n = 0;
    const load = setInterval(() => void writes(`Load ${n++ % 8}`, `update ${n}`).catch(() => undefined), 1000 / 60);
    const text = "Every letter of this must be there, in order, while the list moves.";
    try {
      await seat.get("composer-text").pressSequentially(text, { delay: 20, timeout: 60_000 });
    } finally {
      clearInterval(load);
    }
    expect(await seat.get("composer-text").inputValue()).toBe(text);
    const seen = await seat.page.evaluate(() => (globalThis as unknown as { seen: { frames: number[]; long_tasks: number[]; delays: number[]; list: number } }).seen);
    const at = (list: number[], part: number): string => (([...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0)).toFixed(1);
    console.log(`${n} updates, ${seen.list} times drawn in the list, load ${loadavg()[0]!.toFixed(1)} on ${cpus().length} cores; frame time p50 ${at(seen.frames, 0.5)} p95 ${at(seen.frames, 0.95)} ms; `
      + `key to handler p50 ${at(seen.delays, 0.5)} p95 ${at(seen.delays, 0.95)} ms; ${seen.long_tasks.length} long tasks, longest ${Math.max(0, ...seen.long_tasks).toFixed(0)} ms`);
    expect(n).toBeGreaterThan(60);
    expect(seen.delays.length).toBeGreaterThanOrEqual(text.length);
    // The list moved while one typed, not only after it.
    expect(seen.list).toBeGreaterThan(10);
    if (budget) {
      expect(Number(at(seen.frames, 0.95)), "ms between frames, of 19 in 20").toBeLessThan(34);
      expect(Number(at(seen.delays, 0.95)), "ms from key to handler, of 19 in 20").toBeLessThan(50);
    }
    await seat.leave();
  });

  describe.each([["light", "en"], ["dark", "es"]] as const)("axe finds nothing to mend in %s, %s", (theme, language) => {
    let seat: Seat;
    let contact = "";
    beforeAll(async () => {
      contact = await writes("Axe", "hello");
      await admin.call("contact.update", { contact, set: { priority: "high", email: "a@example.com" }, tags_add: ["vip", "billing"] });
      await admin.call("message.send", { contact, text: "an answer" });
      await admin.call("comment.add", { contact, text: "@Ana García see", mentions: ["ana"] });
      seat = await sit("boss", { theme, language }, "manager");
      await seat.get("quick-all").click();
      await seat.row(contact).waitFor();
    });
    afterAll(() => seat?.leave());

    /** A contact on a channel whose window is closed, with a message that its platform refused. */
    async function failed(): Promise<string> {
      const id = `axe-${theme}`;
      await admin.call("channel.put", { id, kind: "whatsapp", name: "WhatsApp" });
      const platform = new InboxClient({ url: engine.ws, token: engine.token({ sub: id, kind: "connector", channel: id }) });
      await platform.connect();
      const { contact } = await platform.call("inbound.receive", { external_id: "1", provider_id: "1", type: "text", text: "hola", profile: { first_name: "Closed" } });
      const { entry } = await admin.call("message.send", { contact, text: "too late" });
      await platform.call("outbox.failed", { contact, seq: entry.seq, error: { code: "131026", message: "Message undeliverable" } });
      await admin.call("channel.put", { id, kind: "whatsapp", name: "WhatsApp", window_ms: 1 });
      platform.close();
      return contact;
    }

    it("the list alone", () => clean(seat.page));
    it("a conversation with its details, and a call-out", async () => {
      await seat.open(contact);
      await seat.page.locator('[data-testid="message"]').first().hover();
      await seat.get("callout").waitFor();
      await clean(seat.page);
    });
    it("the comment mode", async () => {
      await seat.get("mode-comment").click();
      await clean(seat.page);
      await seat.get("mode-reply").click();
    });
    it.each(["view-picker", "assign", "snooze", "more", "settings", "notices", "presence", "sort"])("the menu %s", async (menu) => {
      await seat.get(menu).click();
      await clean(seat.page);
      await seat.page.keyboard.press("Escape");
    });
    it("the dialogs", async () => {
      const press = (testid: string) => seat.get(testid).click();
      const asked: Array<() => Promise<void>> = [
        () => press("canned"),
        () => press("attach"),
        () => press("location"),
        async () => {
          await press("more");
          await press("merge");
        },
        async () => {
          await press("more");
          await press("block");
        },
        async () => {
          await press("snooze");
          await press("snooze-own");
        },
        async () => {
          await press("done-more");
          await press("done-note");
        },
      ];
      for (const ask of asked) {
        await ask();
        await seat.page.locator("dialog[open]").waitFor();
        await clean(seat.page);
        await seat.page.keyboard.press("Escape");
        await seat.page.locator("dialog[open]").waitFor({ state: "detached" });
      }
    });
    it("a closed window, its template, and a message that failed", async () => {
      const closed = await failed();
      await seat.open(closed);
      await seat.get("window-closed").waitFor();
      await seat.page.locator('[data-testid="message"][data-direction="out"] [data-status="failed"]').first().waitFor();
      await clean(seat.page);
      await seat.get("send-template").click();
      await seat.page.locator("dialog[open]").waitFor();
      await clean(seat.page);
      await seat.page.keyboard.press("Escape");
      await seat.open(contact);
    });
    it("the view editor", async () => {
      await seat.get("view-picker").click();
      await seat.get("view-new").click();
      await clean(seat.page);
      await seat.page.keyboard.press("Escape");
    });
    it("the sheet of shortcuts", async () => {
      await seat.get("nav-help").click();
      await clean(seat.page);
      await seat.page.keyboard.press("Escape");
    });
    it("the wallboard", async () => {
      await seat.get("nav-wallboard").click();
      await seat.get("tile-all").waitFor();
      await clean(seat.page);
    });
    it("the sign-in", async () => {
      await seat.get("presence").click();
      await seat.get("sign-out").click();
      await seat.get("token").waitFor();
      await clean(seat.page);
    });
    it("a phone: the list, then a conversation", async () => {
      const small = await sit("boss", { theme, language, size: phone }, "manager");
      await small.get("quick-all").click();
      await small.row(contact).waitFor();
      await clean(small.page);
      await small.open(contact);
      await clean(small.page);
      await small.get("details-toggle").click();
      await small.get("details").waitFor();
      await clean(small.page);
      expect(await small.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await small.leave();
    });
  });
});

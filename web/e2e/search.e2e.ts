// The search bar against the real engine: as one types, by keyboard alone, to the entry itself however far back.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InboxClient } from "@inboxd/client";
import { Engine, inboxd_bin, sayThatItIsSkipped, until } from "../client/test/engine.js";
import { clean } from "./accessible.js";
import { launch, phone, Seat } from "./browser.js";

if (!inboxd_bin) sayThatItIsSkipped("The search bar's end-to-end suite");

/** Where to leave pictures of what was tested; nowhere unless asked. */
const pictures = process.env.INBOXD_PICTURES;

describe.skipIf(!inboxd_bin)("the search bar", () => {
  let engine: Engine;
  let browser: Browser;
  let admin: InboxClient;
  let connector: InboxClient;
  let jose = "";
  const back = backlog();
  const sit = (looks: Parameters<typeof Seat.take>[3] = {}): Promise<Seat> =>
    Seat.take(browser, engine.url, engine.token({ sub: "ana", role: "agent" }), looks);
  const show = async (seat: Seat, name: string): Promise<void> => {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await seat.page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  /** Waits until what is shown is the answer to what is typed. */
  const answered = (seat: Seat): Promise<void> => seat.page.locator('[data-testid="search-results"][data-phase="done"]').waitFor();
  const look = async (seat: Seat, query: string): Promise<void> => {
    await seat.get("search").fill(query);
    await answered(seat);
  };

  beforeAll(async () => {
    engine = await Engine.start();
    browser = await launch();
    admin = new InboxClient({ url: engine.ws, token: engine.token({ sub: "root", role: "admin" }), backoff: { first_ms: 50, max_ms: 400 } });
    await admin.connect();
    await admin.call("agent.put", { id: "ana", name: "Ana García", role: "agent" });
    await admin.call("channel.put", { id: "web", kind: "webchat", name: "Web chat" });
    connector = new InboxClient({ url: engine.ws, token: engine.token({ sub: "web", kind: "connector", channel: "web" }), backoff: { first_ms: 50, max_ms: 400 } });
    await connector.connect();
    const writes = async (external_id: string, text: string, first_name: string): Promise<string> =>
      (await connector.call("inbound.receive", { external_id, provider_id: `${external_id} ${text}`, type: "text", text, profile: { first_name } })).contact;
    jose = await writes("jose", back[0]!, "José");
    for (const text of back.slice(1)) await writes("jose", text, "José");
    await admin.call("contact.update", { contact: jose, set: { last_name: "Núñez", phone: "+34600123456" }, tags_add: ["vip"] });
    await admin.call("comment.add", { contact: jose, text: "Cuidado con la jirafa" });
    for (let i = 0; i < 40; ++i) await writes(`other ${i}`, `Hola, pregunta ${i}`, `Jorge ${i}`);
    await until("the index to be whole", async () => {
      const { behind, partial } = await admin.call("search", { query: "jirafa" });
      return behind === 0 && !partial;
    });
  });
  afterAll(async () => {
    await browser?.close();
    admin?.close();
    connector?.close();
    await engine?.remove();
  });

  it("S43: finds people, messages and comments as one types, grouped, with what matched marked", async () => {
    const seat = await sit({ language: "es" });
    await seat.get("search").waitFor();
    await seat.page.keyboard.press("/");
    await seat.page.keyboard.type("jiraf");
    await answered(seat);
    await seat.get("hit-comments").first().waitFor();
    expect(await seat.get("hit-messages").first().locator("mark").allTextContents()).toEqual(["jiraf"]);
    await show(seat, "search-es-light");
    await look(seat, "nun 600 12");
    expect(await seat.get("hit-contacts").count()).toBe(1);
    expect(await seat.get("hit-contacts").locator("mark").allTextContents()).toEqual(["Núñ", "600", "12"].slice(0, 1).concat(["60012"]));
    await look(seat, "<b>");
    expect(await seat.page.locator(".hit b").count()).toBe(0);
    await seat.leave();
  });

  it("an answer to what was typed before never replaces a later one", async () => {
    const seat = await sit();
    for (const letter of "jorge 12") await seat.get("search").pressSequentially(letter, { delay: 45 });
    await answered(seat);
    const names = await seat.get("hit-contacts").locator(".hit-name").allTextContents();
    expect(names).toEqual(["Jorge 12"]);
    await seat.leave();
  });

  it("works by keyboard alone: slash, words, arrows, Enter, Escape", async () => {
    const seat = await sit();
    await seat.get("search").waitFor();
    await seat.page.keyboard.press("/");
    await seat.page.keyboard.type("jose vip");
    await answered(seat);
    await seat.page.keyboard.press("ArrowDown");
    expect(await seat.page.evaluate(() => (document.activeElement as HTMLElement).dataset["testid"])).toBe("hit-contacts");
    await seat.page.keyboard.press("ArrowUp");
    expect(await seat.page.evaluate(() => document.activeElement?.id)).toBe("search");
    await seat.page.keyboard.press("Enter");
    await seat.page.locator(`[data-testid="conversation"][data-contact="${jose}"]`).waitFor();
    await seat.get("search-results").waitFor({ state: "detached" });
    // The words are still there for another look; Escape takes them, then leaves.
    await seat.get("search").focus();
    await seat.get("search-results").waitFor();
    await seat.page.keyboard.press("Escape");
    expect(await seat.get("search").inputValue()).toBe("");
    await seat.page.keyboard.press("Escape");
    expect(await seat.page.evaluate(() => document.activeElement?.id)).not.toBe("search");
    await seat.leave();
  });

  it("opens a message where it stands, however far back in the history", async () => {
    const seat = await sit();
    await look(seat, "aguja pajar");
    await seat.page.keyboard.press("Enter");
    const entry = seat.page.locator('[data-testid="message"].found');
    await entry.waitFor();
    expect(await entry.textContent()).toContain(back[3]);
    await until("the entry in sight", async () => {
      const box = await entry.boundingBox();
      return box !== null && box.y > 0 && box.y < 900;
    });
    await show(seat, "search-entry");
    await seat.leave();
  });

  it("says what is wanted of half a condition, keeps to one view when asked, and shows more", async () => {
    const seat = await sit();
    await look(seat, "tag:");
    expect(await seat.get("search-problem").textContent()).toContain("tag:vip");
    await look(seat, "pregunta");
    const first = await seat.get("hit-messages").count();
    await seat.get("search-more").click();
    await until("all of them", async () => (await seat.get("hit-messages").count()) === 40);
    expect(first).toBeLessThan(40);
    // Escape takes the words, and what covered the list; the view is chosen, and the words are typed again.
    await seat.get("search").focus();
    await seat.page.keyboard.press("Escape");
    await seat.get("quick-mine").click();
    await look(seat, "pregunta");
    await seat.get("search-within").click();
    await answered(seat);
    expect(await seat.get("hit-messages").count()).toBe(0);
    await seat.leave();
  });

  it("no answer to older words passes for one to what is typed now: not for an instant, and Enter opens none of its hits", async () => {
    const seat = await sit();
    await look(seat, "jose");
    // In the turn of the key itself, before the page had a chance to ask: the state that a quick Enter meets.
    const phase = await seat.page.evaluate(async () => {
      const input = document.querySelector<HTMLInputElement>("#search")!;
      input.value = "qwxyz";
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await Promise.resolve().then(() => undefined);
      const seen = document.querySelector<HTMLElement>("#search-results")!.dataset["phase"];
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      return seen;
    });
    expect(phase).toBe("busy");
    await answered(seat);
    expect(await seat.get("hit-contacts").count()).toBe(0);
    expect(await seat.get("conversation").count()).toBe(0);
    await seat.leave();
  });

  describe.each([["light", "en"], ["dark", "es"]] as const)("axe finds nothing to mend in %s, %s", (theme, language) => {
    it.each([["desk", undefined], ["phone", phone]] as const)("at a %s", async (place, size) => {
      const seat = await sit({ theme, language, ...(size ? { size } : {}) });
      await look(seat, "jo");
      await clean(seat.page);
      expect(await seat.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await show(seat, `search-${place}-${theme}-${language}`);
      await look(seat, "status:");
      await clean(seat.page);
      await look(seat, "qwxyz");
      await clean(seat.page);
      await seat.leave();
    });
  });
});

/** A history of several pages, with a needle near its beginning and a giraffe near its end. */
function backlog(): string[] {
  const texts = Array.from({ length: 170 }, (_, i) => `Mensaje número ${i} de una larga historia`);
  texts[3] = "Una aguja en el pajar <b>de verdad</b>";
  texts[160] = "He visto una jirafa";
  return texts;
}

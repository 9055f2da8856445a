// The client's wallboard page, served as its first lines say, in a real browser against the real engine.
import { createServer, type Server } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InboxClient } from "@inboxd/client";
import { Engine, inboxd_bin, sayThatItIsSkipped, until } from "../client/test/engine.js";
import { launch } from "./browser.js";

if (!inboxd_bin) sayThatItIsSkipped("The client's examples in a browser");

const client_folder = fileURLToPath(new URL("../client", import.meta.url));
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

describe.skipIf(!inboxd_bin)("the wallboard page of the examples", () => {
  let engine: Engine;
  let browser: Browser;
  let files: Server;
  let origin = "";
  beforeAll(async () => {
    browser = await launch();
    files = createServer((request, response) => {
      const path = normalize(new URL(request.url ?? "/", "http://here").pathname);
      readFile(join(client_folder, path)).then((body) => response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(body), () => response.writeHead(404).end());
    });
    await new Promise<void>((yes) => files.listen(0, "127.0.0.1", yes));
    origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
    engine = await Engine.start("--origin", origin);
  });
  afterAll(async () => {
    await browser?.close();
    files?.close();
    await engine?.remove();
  });

  it("shows the counters of every view, live, and what the line does", async () => {
    const admin = new InboxClient({ url: engine.ws, token: engine.token({ sub: "root", role: "admin" }) });
    await admin.connect();
    await admin.call("channel.put", { id: "web", kind: "webchat", name: "Web" });
    const web = new InboxClient({ url: engine.ws, token: engine.token({ sub: "web", kind: "connector", channel: "web" }) });
    await web.connect();
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(`${origin}/examples/wallboard.html#url=${engine.ws}&token=${engine.token({ sub: "boss", role: "manager" })}`);
    await page.getByRole("status").getByText("online").waitFor();
    const all = page.locator("section", { hasText: /^all/ });
    await all.getByText("0 unread").waitFor();
    await web.call("inbound.receive", { external_id: "m", provider_id: "m1", type: "text", text: "hello" });
    await until("one contact in all", async () => (await all.locator("strong").textContent()) === "1");
    await all.getByText("1 unread").waitFor();
    expect(faults).toEqual([]);
    await page.close();
    admin.close();
    web.close();
  });
});

// The browser of the end-to-end tests: Debian's Chromium (or the one that CHROMIUM names), and what its pages may not do.
import { existsSync } from "node:fs";
import { expect } from "vitest";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const chromium_path = places.find((path) => path !== undefined && existsSync(path));

export function launch(): Promise<Browser> {
  if (!chromium_path) throw new Error("no Chromium: install it, or name it in CHROMIUM");
  return chromium.launch({
    executablePath: chromium_path,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** Every wait ends with what it waits for; this is only how long a busy machine may take. */
const patience_ms = 30_000;

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export interface Looks { language?: "en" | "es"; theme?: "light" | "dark"; size?: { width: number; height: number } }

/** A page of its own session, as another person at another machine. */
export class Seat {
  private constructor(readonly context: BrowserContext, readonly page: Page, private readonly faults: string[]) {}

  /** `prepare`: what the browser is told before the page is there. */
  static async take(browser: Browser, url: string, token: string, looks: Looks = {}, prepare?: (context: BrowserContext) => Promise<void>): Promise<Seat> {
    const context = await browser.newContext({
      viewport: looks.size ?? desktop, locale: looks.language ?? "en", colorScheme: looks.theme ?? "light", reducedMotion: "reduce",
    });
    await prepare?.(context);
    const page = await context.newPage();
    page.setDefaultTimeout(patience_ms);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // The browser itself reports each refused connection while the engine is away.
      if (message.type() === "error" && !/WebSocket|ERR_CONNECTION|net::/.test(message.text())) faults.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) faults.push(`asked ${request.url()}`);
    });
    await page.goto(`${url}/#token=${token}`);
    return new Seat(context, page, faults);
  }

  get(testid: string): ReturnType<Page["getByTestId"]> {
    return this.page.getByTestId(testid);
  }
  row(contact: string): ReturnType<Page["locator"]> {
    return this.page.locator(`[data-testid="row"][data-id="${contact}"]`);
  }
  async open(contact: string): Promise<void> {
    await this.row(contact).click();
    await this.page.locator(`[data-testid="conversation"][data-contact="${contact}"] [data-testid="composer"]`).waitFor();
  }
  async leave(): Promise<void> {
    expect(this.faults, "errors, or requests to other hosts").toEqual([]);
    await this.context.close();
  }
}

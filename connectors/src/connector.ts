// One channel: its line to the engine, its platform's adapter, and the work between them.
import { InboxClient, InboxError, type Params, type SocketFactory } from "@inboxd/client";
import { WebSocket } from "ws";
import { Journal, keyOf } from "./journal.js";
import type { Adapter, Told } from "./platform.js";
import { Worker } from "./worker.js";

/** The client's own finds a WebSocket by itself; here it is this package's. */
const socket: SocketFactory = (url, events) => {
  const ws = new WebSocket(url, { maxPayload: 64 * 1024 * 1024 });
  let over = false;
  const end = (code: number, reason: string): void => {
    if (!over) events.closed(code, reason);
    over = true;
  };
  ws.on("open", () => events.open());
  ws.on("message", (data) => events.message(String(data)));
  ws.on("close", (code, reason) => end(code, String(reason)));
  ws.on("error", () => undefined);
  return { send: (text) => ws.send(text), close: (code) => (code === 1006 ? ws.terminate() : ws.close(code)) };
};

const status_patience_ms = 2_000;

export class Connector {
  private readonly client: InboxClient;
  private readonly worker: Worker;
  private readonly journal: Journal;
  private readonly stop = new AbortController();

  constructor(
    private readonly adapter: Adapter,
    options: { url: string; token: string | (() => string); journal: string | null; in_flight?: number },
    private readonly log: (text: string) => void,
  ) {
    this.journal = new Journal(options.journal);
    this.client = new InboxClient({ url: options.url, token: options.token, socket });
    this.worker = new Worker(this.client, adapter, this.journal, log);
    this.client.onState((state) => {
      if (state.phase === "waiting") log(`${adapter.channel}: ${state.reason}; back in ${Math.max(0, state.until - Date.now())} ms`);
      if (state.phase === "closed" && state.error) log(`${adapter.channel}: ${state.error.message}`);
    });
    this.client.outbox((deliveries) => this.worker.take(deliveries), options.in_flight);
  }

  async start(): Promise<void> {
    await this.client.connect();
    let said = ""; // once for each reason, not once a try
    void this.adapter.poll?.(async (told) => {
      await this.take(told);
      said = "";
    }, this.stop.signal, (why) => {
      if (why !== said) this.log(`${this.adapter.channel}: nothing is fetched: ${why}`);
      said = why;
    });
  }
  close(): void {
    this.stop.abort();
    this.worker.close();
    this.client.close();
    this.journal.close();
  }

  /** Brings what a platform told to the engine. Rejects if the engine cannot keep it now: the platform tells it again. */
  async take(told: Told[]): Promise<void> {
    for (const one of told) {
      try {
        if (one.told === "message") await this.bring(one.message);
        else if (one.told === "status") await this.report(one.status);
        else await this.client.call("inbound.typing", { external_id: one.external_id, on: one.on }, { retry: false });
      } catch (error) {
        if (!(error instanceof InboxError) || passing(error)) throw error;
        // What the engine refuses for good it would refuse again: said, and not repeated for ever.
        this.log(`${this.adapter.channel}: ${one.told} refused: ${error.message}`);
      }
    }
  }

  /** A profile only fills what is empty: no message is lost because the engine does not take a name or a telephone number in it. */
  private async bring(message: Params<"inbound.receive">): Promise<void> {
    try {
      await this.client.call("inbound.receive", message);
    } catch (error) {
      const { profile, ...rest } = message;
      const about_profile = error instanceof InboxError && error.field?.startsWith("profile") === true;
      if (!about_profile || profile === undefined) throw error;
      this.log(`${this.adapter.channel}: brought without its profile: ${error.message}`);
      await this.client.call("inbound.receive", rest);
    }
  }

  private async report(status: Params<"inbound.status">): Promise<void> {
    const deadline = Date.now() + status_patience_ms;
    for (;;) {
      try {
        await this.client.call("inbound.status", status);
        if (status.contact !== undefined && status.seq !== undefined) this.worker.echo(keyOf(status.contact, status.seq));
        return;
      } catch (error) {
        // Platforms report on messages before they have answered us with their ids.
        const early = error instanceof InboxError && error.reason === "not_found" && status.provider_id !== undefined && this.worker.busy;
        if (!early || Date.now() > deadline) throw error;
        await new Promise((yes) => setTimeout(yes, 50));
      }
    }
  }
}

const passing = (error: InboxError): boolean =>
  ["unavailable", "rate_limited", "connection_lost", "timeout", "closed", "unauthenticated"].includes(error.reason);

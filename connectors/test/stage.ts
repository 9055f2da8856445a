// A real inboxd and a real inboxd-connector, each its own process, with secrets in files and the environment.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InboxClient, type Entry, type MessageEntry, type SocketFactory } from "@inboxd/client";
import { WebSocket } from "ws";
import { Engine, Program, until } from "../../web/client/test/engine.js";

export { until };
export type Running = Program;

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
/** The Node that the connectors run in: the one that runs the tests, or the one that is named. */
export const node = process.env.INBOXD_NODE ?? process.execPath;

export const socket: SocketFactory = (url, events) => {
  const ws = new WebSocket(url);
  ws.on("open", () => events.open());
  ws.on("message", (data) => events.message(String(data)));
  ws.on("close", (code, reason) => events.closed(code, String(reason)));
  ws.on("error", () => undefined);
  return { send: (text) => ws.send(text), close: (code) => (code === 1006 ? ws.terminate() : ws.close(code)) };
};

/** Links to media hold the connector's own address, so it is chosen beforehand. */
function freePort(): Promise<number> {
  return new Promise((yes) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => yes(port));
    });
  });
}

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), "inboxd-connectors-"));
  private engine!: Engine;
  private connectors = new Set<Program>();
  admin!: InboxClient;

  async start(): Promise<this> {
    this.engine = await Engine.start("--log-level", "warn");
    this.admin = new InboxClient({ url: this.ws, token: this.engine.token({ sub: "ana", role: "admin" }), socket });
    await this.admin.connect();
    return this;
  }
  get ws(): string {
    return this.engine.ws;
  }
  async restartEngine(): Promise<void> {
    await this.engine.stop("SIGKILL");
    await this.engine.run();
  }
  token(claims: Parameters<Engine["token"]>[0]): string {
    return this.engine.token(claims);
  }
  secretFile(name: string, value: string, mode = 0o600): { file: string } {
    const file = join(this.dir, name);
    writeFileSync(file, value, { mode });
    return { file };
  }
  /** Starts one program for these channels. */
  async connector(channels: (Record<string, unknown> & { channel: string })[], port = 0): Promise<Program> {
    const name = channels.map((c) => c.channel).join("-");
    const file = join(this.dir, `${name}.json`);
    const write = (at: number): void => writeFileSync(file, JSON.stringify({
      engine: this.ws, listen: `127.0.0.1:${at}`, public_url: `http://127.0.0.1:${at}`, state_dir: join(this.dir, `${name}.state`),
      channels: channels.map((c) => ({ ...c, token: this.secretFile(`${c.channel}.token`, this.token({ sub: "connector", kind: "connector", channel: c.channel })) })),
    }));
    if (port === 0) port = await freePort();
    write(port);
    const running = new Program(node, () => [main, "--config", file], { SECRET_IN_ENV: "app-secret" });
    this.connectors.add(running);
    await running.start();
    return running;
  }
  async stop(): Promise<void> {
    this.admin?.close();
    for (const running of this.connectors) await running.stop();
    await this.engine?.remove();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async messages(contact: string): Promise<MessageEntry[]> {
    const { entries } = await this.admin.call("timeline.page", { contact, limit: 200 });
    return entries.filter((entry: Entry): entry is MessageEntry => entry.kind === "message");
  }
  /** The contact with this account, once it has written. */
  contactOf(channel: string, external_id: string): Promise<string> {
    return until(`a contact ${external_id} on ${channel}`, async () => {
      const list = this.admin.view("all", { limit: 200 });
      await until("the list", () => list.phase === "live");
      const rows = list.state.rows;
      list.close();
      for (const row of rows) {
        if (row.channel !== channel) continue;
        const { contact } = await this.admin.call("contact.get", { contact: row.id });
        if (contact.channels.some((c) => c.channel === channel && c.external_id === external_id)) return row.id;
      }
      return null;
    });
  }
  async send(contact: string, text: string, more: Record<string, unknown> = {}): Promise<number> {
    const { entry } = await this.admin.call("message.send", { contact, text, ...more } as never);
    return (entry as MessageEntry).seq;
  }
  status(contact: string, seq: number, wanted: string): Promise<MessageEntry> {
    return until(`message ${seq} is ${wanted}`, async () => {
      const entry = (await this.messages(contact)).find((one) => one.seq === seq);
      return entry?.status === wanted ? entry : null;
    });
  }
}

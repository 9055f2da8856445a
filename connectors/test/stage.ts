// A real inboxd and a real inboxd-connector, each its own process, with secrets in files and the environment.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InboxClient, type Entry, type MessageEntry, type SocketFactory } from "@inboxd/client";
import { WebSocket } from "ws";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = resolve(root, process.env.INBOXD_BIN ?? "build/release/bin/inboxd");
const start_ms = 30_000;

export const socket: SocketFactory = (url, events) => {
  const ws = new WebSocket(url);
  ws.on("open", () => events.open());
  ws.on("message", (data) => events.message(String(data)));
  ws.on("close", (code, reason) => events.closed(code, String(reason)));
  ws.on("error", () => undefined);
  return { send: (text) => ws.send(text), close: (code) => (code === 1006 ? ws.terminate() : ws.close(code)) };
};

/** Waits for what becomes true by events from outside. */
export async function until<T>(what: string, look: () => T | Promise<T>, within_ms = 20_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + within_ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`did not come within ${within_ms} ms: ${what}`);
    await new Promise((yes) => setTimeout(yes, 15));
  }
}

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

class Running {
  private child: ChildProcess | null = null;
  output = "";
  port = 0;
  constructor(private readonly command: string, private readonly args: () => string[], private readonly env: Record<string, string> = {}) {}

  async start(): Promise<void> {
    const child = (this.child = spawn(this.command, this.args(), { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.env } }));
    let out = "";
    const read = (chunk: Buffer): void => void ((out += String(chunk)), (this.output += String(chunk)));
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    await until(`${this.command} listens`, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${out}`);
      this.port = Number(/listening on http:\/\/[\d.]+:(\d+)/.exec(out)?.[1] ?? 0);
      return this.port;
    }, start_ms);
  }
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((yes) => child.once("exit", () => yes()));
    child.kill(signal);
    await gone;
  }
}

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), "inboxd-connectors-"));
  private readonly engine: Running = new Running(bin, () => ["--data", join(this.dir, "data"), "--listen", `127.0.0.1:${this.engine.port}`, "--log-level", "warn"]);
  private connectors = new Set<Running>();
  admin!: InboxClient;

  async start(): Promise<this> {
    await this.engine.start();
    this.admin = new InboxClient({ url: `ws://127.0.0.1:${this.engine.port}/ws`, token: this.token(["--sub", "ana", "--role", "admin"]), socket });
    await this.admin.connect();
    return this;
  }
  get ws(): string {
    return `ws://127.0.0.1:${this.engine.port}/ws`;
  }
  async restartEngine(): Promise<void> {
    await this.engine.stop("SIGKILL");
    await this.engine.start();
  }
  token(args: string[]): string {
    return execFileSync(join(dirname(bin), "inboxctl"), ["token", "--data", join(this.dir, "data"), ...args], { encoding: "utf8" }).trim();
  }
  secretFile(name: string, value: string, mode = 0o600): { file: string } {
    const file = join(this.dir, name);
    writeFileSync(file, value, { mode });
    return { file };
  }
  /** Starts one program for these channels. */
  async connector(channels: (Record<string, unknown> & { channel: string })[], port = 0): Promise<Running> {
    const name = channels.map((c) => c.channel).join("-");
    const file = join(this.dir, `${name}.json`);
    const write = (at: number): void => writeFileSync(file, JSON.stringify({
      engine: `ws://127.0.0.1:${this.engine.port}/ws`, listen: `127.0.0.1:${at}`, public_url: `http://127.0.0.1:${at}`, state_dir: join(this.dir, `${name}.state`),
      channels: channels.map((c) => ({ ...c, token: this.secretFile(`${c.channel}.token`, this.token(["--sub", "connector", "--kind", "connector", "--channel", c.channel])) })),
    }));
    if (port === 0) port = await freePort();
    write(port);
    const running = new Running(process.execPath, () => [join(root, "connectors/dist/main.js"), "--config", file], { SECRET_IN_ENV: "app-secret" });
    this.connectors.add(running);
    await running.start();
    return running;
  }
  async stop(): Promise<void> {
    this.admin?.close();
    for (const running of this.connectors) await running.stop();
    await this.engine.stop("SIGKILL");
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
export type { Running };

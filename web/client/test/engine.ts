// A real inboxd for tests (the connectors' too): its binary from INBOXD_BIN, a data directory of its own, a free port, tokens by inboxctl.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const inboxd_bin = process.env.INBOXD_BIN ? resolve(process.env.INIT_CWD ?? ".", process.env.INBOXD_BIN) : undefined;

/** Said by each suite that needs the engine, when there is none to run against. */
export function sayThatItIsSkipped(suite: string): void {
  const line = "!".repeat(78);
  console.warn(`\n${line}\n${suite} is SKIPPED: INBOXD_BIN does not name an inboxd binary.\nINBOXD_BIN=build/release/bin/inboxd runs it.\n${line}\n`);
}

const start_ms = 30_000;

/** A program of its own that prints where it listens; ended and started again, as often as a test wants. */
export class Program {
  private child: ChildProcess | null = null;
  /** All that it has printed, over all its runs. */
  output = "";
  /** Where it listens; 0 until it has said so once. */
  port = 0;

  /** `args` is asked at each start: a port that the first run got is known then. */
  constructor(private readonly command: string, private readonly args: () => string[], private readonly env: Record<string, string> = {}) {}

  async start(): Promise<void> {
    const child = (this.child = spawn(this.command, this.args(), { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.env } }));
    let out = "";
    await new Promise<void>((yes, no) => {
      const late = setTimeout(() => no(new Error(`${this.command} did not say where it listens:\n${out}`)), start_ms);
      const read = (chunk: Buffer): void => {
        out += chunk.toString();
        this.output += chunk.toString();
        const found = /listening on http:\/\/[\d.]+:(\d+)/.exec(out);
        if (!found) return;
        this.port = Number(found[1]);
        clearTimeout(late);
        yes();
      };
      child.stdout!.on("data", read);
      child.stderr!.on("data", read);
      const ended = (how: string): void => {
        clearTimeout(late);
        no(new Error(`${this.command} ended with ${how}:\n${out}`));
      };
      child.once("exit", (code) => ended(String(code)));
      child.once("error", (error) => ended(error.message));
    });
  }

  /** Ends it and waits until it is gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise<void>((yes) => child.once("exit", () => yes()));
    child.kill(signal);
    await gone;
  }
}

export class Engine {
  private readonly program: Program;

  private constructor(readonly data: string, options: readonly string[]) {
    this.program = new Program(inboxd_bin!, () => ["--data", data, "--listen", `127.0.0.1:${this.port}`, ...options]);
  }

  /** With further options of the command line, such as `--demo`. */
  static async start(...options: string[]): Promise<Engine> {
    const engine = new Engine(mkdtempSync(join(tmpdir(), "inboxd-test-")), options);
    await engine.run();
    return engine;
  }

  get port(): number {
    return this.program.port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get ws(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }
  /** All that it has printed. */
  get output(): string {
    return this.program.output;
  }

  token(claims: { sub: string; kind?: string; role?: string; channel?: string; ttl?: string }): string {
    const args = ["token", "--data", this.data];
    for (const [name, value] of Object.entries(claims)) args.push(`--${name}`, value);
    return execFileSync(join(dirname(inboxd_bin!), "inboxctl"), args, { encoding: "utf8" }).trim();
  }

  run(): Promise<void> {
    return this.program.start();
  }
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    return this.program.stop(signal);
  }
  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Between client and engine: cuts every connection when told, in the middle of whatever is on the way. */
export class CuttingProxy {
  private server!: Server;
  private pairs = new Set<[Socket, Socket]>();
  private budget = Number.POSITIVE_INFINITY;
  port = 0;

  static async to(port: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy();
    proxy.server = createServer((near) => proxy.join(near, connect(port(), "127.0.0.1")));
    await new Promise<void>((yes) => proxy.server.listen(0, "127.0.0.1", yes));
    proxy.port = (proxy.server.address() as { port: number }).port;
    return proxy;
  }

  private join(near: Socket, far: Socket): void {
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    const end = (): void => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    const pass = (to: Socket) => (data: Buffer): void => {
      this.budget -= data.length;
      if (this.budget < 0) this.cut();
      else to.write(data);
    };
    near.on("data", pass(far));
    far.on("data", pass(near));
    for (const socket of pair) socket.on("close", end).on("error", end);
  }

  cut(): void {
    this.budget = Number.POSITIVE_INFINITY;
    for (const [near, far] of [...this.pairs]) {
      near.destroy();
      far.destroy();
    }
  }
  /** Cuts once that many more bytes have passed, either way: so also between a command and its reply. */
  cutAfter(bytes: number): void {
    this.budget = bytes;
  }
  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((yes) => this.server.close(() => yes()));
  }
}

/** Waits for what becomes true by events from outside; fails with what was seen last. */
export async function until<T>(what: string, look: () => T | Promise<T>, within_ms = 30_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + within_ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`did not come within ${within_ms} ms: ${what}`);
    await new Promise((yes) => setTimeout(yes, 15));
  }
}

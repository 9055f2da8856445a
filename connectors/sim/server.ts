// What every simulated platform is made of: a server that notes what it is asked, answers as the platform would, and
// misbehaves when told to.
import { createServer, type Server } from "node:http";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Record<string, unknown>;
  at: number;
}
export interface Given {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** Answers after that long. */
  delay_ms?: number;
  /** Does what it was asked, and breaks the line instead of saying so. */
  hang_up?: boolean;
}

export abstract class Platform {
  private server!: Server;
  /** Instead of the next answers, in order; null: that one as always. */
  readonly trouble: (Given | null)[] = [];
  readonly asked: Asked[] = [];
  port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const url = new URL(request.url ?? "/", this.url);
        const text = Buffer.concat(parts).toString("utf8");
        const asked: Asked = {
          method: request.method ?? "GET", path: url.pathname, query: url.searchParams,
          headers: request.headers as Asked["headers"], body: text ? (JSON.parse(text) as Asked["body"]) : {}, at: Date.now(),
        };
        this.asked.push(asked);
        const trouble = this.counts(asked) ? this.trouble.shift() : null;
        void Promise.resolve(trouble && !trouble.hang_up ? trouble : this.answer(asked)).then((given) => {
          const say = (): void => {
            if (trouble?.hang_up) return void response.destroy();
            response.writeHead(given.status, { "content-type": "application/json", ...given.headers });
            response.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body));
          };
          if (trouble?.delay_ms) setTimeout(say, trouble.delay_ms);
          else say();
        });
      });
    });
    await new Promise<void>((yes) => this.server.listen(this.port, "127.0.0.1", yes));
    this.port = (this.server.address() as { port: number }).port;
    return this;
  }
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((yes) => this.server.close(() => yes()));
  }

  /** Is this a request that trouble is meant for? */
  protected counts(_asked: Asked): boolean {
    return true;
  }
  protected abstract answer(asked: Asked): Given | Promise<Given>;

  /** Brings a webhook to the connector, as it is. The status that it answered. */
  static async bring(to: string, headers: Record<string, string>, body: string): Promise<number> {
    const response = await fetch(to, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    await response.text();
    return response.status;
  }
}

/** The same in another order, the same for the same seed. */
export function shuffled<T>(items: T[], seed: number): T[] {
  const all = [...items];
  let state = seed;
  for (let i = all.length - 1; i > 0; --i) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const j = state % (i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

// The connector's own HTTP: the platforms' webhooks, and media that only the platform's token opens.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { Failure, type Adapter, type Told } from "./platform.js";
import { hmacHex, sameText } from "./signature.js";

const body_bytes_max = 3 * 1024 * 1024; // Meta sends up to 3 MB
const body_ms_max = 10_000;

export interface Site {
  adapter: Adapter;
  /** Brings what was told to the engine; when it resolves, it is kept. */
  take(told: Told[]): Promise<void>;
}

export class Door {
  private readonly server: Server;
  constructor(
    private readonly sites: Site[],
    private readonly media_secret: string,
    private readonly log: (text: string) => void,
  ) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error) => {
        this.log(`webhook: ${error instanceof Error ? error.message : String(error)}`);
        answer(response, 503, "try again\n");
      });
    });
    this.server.requestTimeout = body_ms_max;
    this.server.headersTimeout = body_ms_max;
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((yes, no) => {
      this.server.once("error", no);
      this.server.listen(port, host, () => yes((this.server.address() as { port: number }).port));
    });
  }
  close(): Promise<void> {
    return new Promise((yes) => {
      this.server.close(() => yes());
      this.server.closeAllConnections();
    });
  }

  /** The path of a platform's file, which says by itself that it is ours to give. */
  mediaPath(channel: string, id: string): string {
    return `/media/${encodeURIComponent(channel)}/${encodeURIComponent(id)}/${hmacHex(this.media_secret, `${channel}/${id}`)}`;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://connector");
    if (url.pathname === "/healthz") return answer(response, 200, "alive\n");
    if (url.pathname.startsWith("/media/")) return this.serveMedia(url.pathname, request, response);
    const site = this.sites.find((one) => one.adapter.path === url.pathname && one.adapter.webhook);
    if (!site) return answer(response, 404, "There is nothing here.\n");
    if (request.method !== "POST" && request.method !== "GET") return answer(response, 405, "");
    const raw = await read(request);
    if (raw === null) {
      // The rest of it is not read: nothing else can come on this line.
      response.shouldKeepAlive = false;
      response.once("finish", () => request.destroy());
      return answer(response, 413, "The body is too large.\n");
    }
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
    let said;
    try {
      said = site.adapter.webhook!({ method: request.method, query: url.searchParams, headers, raw });
    } catch (error) {
      if (error instanceof SyntaxError) return answer(response, 400, "This is not JSON.\n");
      throw error;
    }
    // Only now is it the engine's; a platform that hears nothing good sends it again.
    if (said.told && said.told.length > 0) await site.take(said.told);
    answer(response, said.status, said.body ?? "");
  }

  private async serveMedia(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , channel, id, signature] = path.split("/").map(decodeURIComponent);
    const site = this.sites.find((one) => one.adapter.channel === channel && one.adapter.media);
    if (request.method !== "GET" || !site || !id || !sameText(signature ?? "", hmacHex(this.media_secret, `${channel}/${id}`))) {
      return answer(response, 404, "There is nothing here.\n");
    }
    try {
      const file = await site.adapter.media!(id);
      // Shown or saved, never run: whatever a customer sent, it is not a page of ours.
      response.writeHead(200, {
        "content-type": file.type, "x-content-type-options": "nosniff", "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, max-age=3600", ...(file.bytes ? { "content-length": file.bytes } : {}),
      });
      Readable.fromWeb(file.body as never).on("error", () => response.destroy()).pipe(response);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      answer(response, error.retry ? 502 : 404, "This file cannot be had.\n");
    }
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(body);
}

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > body_bytes_max) return null;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

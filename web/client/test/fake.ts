// An engine of a few lines behind a fake socket, for what concerns the line: who answers what is written in each test.
import { InboxClient, type ClientOptions, type Socket, type SocketEvents } from "../src/index.js";

export interface Received { id: number; method: string; params: Record<string, unknown> }

export class FakeLine implements Socket {
  received: Received[] = [];
  closed_with: number | null = null;
  constructor(readonly events: SocketEvents) {}

  send(text: string): void {
    this.received.push(JSON.parse(text) as Received);
  }
  close(code: number): void {
    this.break(code);
  }
  /** The connection ends, whoever did it. */
  break(code: number): void {
    if (this.closed_with !== null) return;
    this.closed_with = code;
    this.events.closed(code, "");
  }
  reply(id: number, result: unknown): void {
    this.events.message(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }
  refuse(id: number, code: number, data: Record<string, unknown>): void {
    this.events.message(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: String(data.reason), data } }));
  }
  push(method: string, params: unknown): void {
    this.events.message(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }
  last(method: string): Received {
    const found = this.received.filter((r) => r.method === method).pop();
    if (!found) throw new Error(`no ${method} was sent, only ${this.received.map((r) => r.method).join(" ")}`);
    return found;
  }
  count(method: string): number {
    return this.received.filter((r) => r.method === method).length;
  }
  open(limits: Record<string, number> = {}): void {
    this.events.open();
    this.reply(this.last("session.open").id, {
      session: "s", workspace: "default", principal: { kind: "agent", id: "ana", role: "agent" }, epoch: "e1", offset: 1,
      server: { name: "fake", version: "0", time: 0 }, limits,
    });
  }
}

export function fakeClient(options: Partial<ClientOptions> = {}): { client: InboxClient; lines: FakeLine[]; line: () => FakeLine } {
  const lines: FakeLine[] = [];
  const client = new InboxClient({
    url: "ws://fake/ws", token: "t", random: () => 0.5, keepalive_ms: 0,
    socket: (_url, events) => {
      const line = new FakeLine(events);
      lines.push(line);
      return line;
    },
    ...options,
  });
  return { client, lines, line: () => lines[lines.length - 1]! };
}

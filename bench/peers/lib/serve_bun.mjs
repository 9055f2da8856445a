// Bun's WebSocket server is uWebSockets.
import { Session } from "./protocol.mjs";

/** What a group of commits answers to one socket leaves as one write. */
class Outbox {
  constructor() {
    this.waiting = new Map();  // socket: its frames
  }
  send(socket, text) {
    const frames = this.waiting.get(socket);
    if (frames) return frames.push(text);
    if (this.waiting.size === 0) setImmediate(() => this.#flush());
    this.waiting.set(socket, [text]);
  }
  #flush() {
    const { waiting } = this;
    this.waiting = new Map();
    for (const [socket, frames] of waiting) socket.cork(() => { for (const frame of frames) socket.send(frame); });
  }
}

export function serve(engine, port = 0) {
  const outbox = new Outbox();
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    fetch(request, self) {
      return self.upgrade(request, { data: {} }) ? undefined : new Response("ok");
    },
    websocket: {
      perMessageDeflate: false,
      backpressureLimit: 64 << 20,
      open(socket) { socket.data.session = new Session(engine, (text) => outbox.send(socket, text)); },
      message(socket, data) { socket.data.session.take(data); },
      close(socket) { socket.data.session.close(); },
    },
  });
  return server.port;
}

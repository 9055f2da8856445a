// Bun's WebSocket server is uWebSockets.
import { Session } from "./protocol.mjs";

export function serve(engine, port = 0) {
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    fetch(request, self) {
      return self.upgrade(request, { data: {} }) ? undefined : new Response("ok");
    },
    websocket: {
      perMessageDeflate: false,
      backpressureLimit: 64 << 20,
      open(socket) { socket.data.session = new Session(engine, (text) => socket.send(text)); },
      message(socket, data) { socket.data.session.take(data); },
      close(socket) { socket.data.session.close(); },
    },
  });
  return server.port;
}

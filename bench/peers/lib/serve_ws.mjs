// Node's usual WebSocket server. Frames of one turn of the event loop go out together (cork).
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { Session } from "./protocol.mjs";

export function serve(engine, port = 0) {
  const server = createServer((_, response) => response.writeHead(200).end("ok"));
  const sockets = new WebSocketServer({ server, path: "/ws", perMessageDeflate: false });
  sockets.on("connection", (socket, request) => {
    let corked = false;
    const { socket: tcp } = request;
    tcp.setNoDelay(true);
    const session = new Session(engine, (text) => {
      if (!corked) {
        corked = true;
        tcp.cork();
        setImmediate(() => { corked = false; tcp.uncork(); });
      }
      socket.send(text);
    });
    socket.on("message", (data) => session.take(data.toString()));
    socket.on("close", () => session.close());
    socket.on("error", () => session.close());
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server.address().port)));
}

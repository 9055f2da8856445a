// The only file that knows a WebSocket: the browser's or Node's own, else the `ws` package where it is installed.

export interface SocketEvents {
  open(): void;
  message(text: string): void;
  /** Called exactly once, also when the connection never came up (code 1006). */
  closed(code: number, reason: string): void;
}

export interface Socket {
  send(text: string): void;
  close(code: number): void;
}

/** Tests and other runtimes give their own. */
export type SocketFactory = (url: string, events: SocketEvents) => Socket;

interface WebSocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number): void;
}
type WebSocketClass = new (url: string) => WebSocketLike;

let node_class: Promise<WebSocketClass> | undefined;

/** Node before 22 has no WebSocket. The name is not a literal, so that bundlers for browsers leave it alone. */
function classFromNode(): Promise<WebSocketClass> {
  const name = "ws";
  node_class ??= import(/* @vite-ignore */ name).then((module) => (module.WebSocket ?? module.default) as WebSocketClass);
  return node_class;
}

export const webSocket: SocketFactory = (url, events) => {
  let socket: WebSocketLike | undefined;
  let closed = false;
  const end = (code: number, reason: string): void => {
    if (closed) return;
    closed = true;
    events.closed(code, reason);
  };
  const start = (Class: WebSocketClass): void => {
    if (closed) return;
    try {
      socket = new Class(url);
    } catch (error) {
      end(1006, String(error));
      return;
    }
    socket.onopen = () => events.open();
    socket.onmessage = (event) => {
      if (!closed) events.message(String(event.data));
    };
    socket.onclose = (event) => end(event.code, event.reason);
    socket.onerror = () => undefined; // a close always follows, and says more
  };
  const own = (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
  if (own) start(own);
  else classFromNode().then(start, (error: unknown) => end(1006, `no WebSocket here, and package "ws" is missing: ${String(error)}`));

  return {
    send: (text) => socket?.send(text),
    close: (code) => {
      // The peer may be gone: the caller hears of the end at once, not when the closing handshake times out.
      end(code, "closed by this client");
      try {
        socket?.close(code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000);
      } catch {
        // Closing twice, or while connecting, is no news.
      }
    },
  };
};

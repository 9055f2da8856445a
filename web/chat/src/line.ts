// The line to the server: hello with what the browser remembers, back after every cut, and nothing that the visitor wrote
// lost or sent twice (each message keeps its id until it is accepted).
export interface Attachment { url: string; name?: string; mime_type?: string }
export interface Message {
  seq: number;
  at: number;
  from: "agent" | "visitor";
  name?: string;
  text?: string;
  attachments?: Attachment[];
  location?: { latitude: number; longitude: number; name?: string };
}
export interface Unsent { id: string; text: string; refused?: string }

type FromServer =
  | { type: "welcome"; token: string; title: string; messages: Message[]; read_seq: number }
  | ({ type: "message" } & Message)
  | { type: "accepted"; id: string; seq: number; at: number }
  | { type: "refused"; id: string; reason: string; message: string }
  | { type: "typing"; on: boolean }
  | { type: "seen"; read_seq: number };

export interface State {
  phase: "connecting" | "online" | "offline" | "closed";
  title: string;
  messages: Message[];
  unsent: Unsent[];
  typing: boolean;
  /** Agents have read up to there. */
  read_seq: number;
}

/** The browser's memory, which may be switched off. */
class Memory {
  private readonly kept = new Map<string, string>();
  constructor(private readonly prefix: string) {}
  get(key: string): string | null {
    try {
      return localStorage.getItem(this.prefix + key);
    } catch {
      return this.kept.get(key) ?? null;
    }
  }
  set(key: string, value: string): void {
    this.kept.set(key, value);
    try {
      localStorage.setItem(this.prefix + key, value);
    } catch {
      // Then the visitor is new next time.
    }
  }
}

const later_ms = [500, 1000, 2000, 5000, 10_000, 20_000];
const typing_every_ms = 3000;

export class Line {
  readonly state: State = { phase: "connecting", title: "", messages: [], unsent: [], typing: false, read_seq: 0 };
  private readonly memory: Memory;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private welcomed = false;
  private typed_at = 0;
  private stop_typing: ReturnType<typeof setTimeout> | undefined;
  private readonly reported = { delivered: new Set<number>(), read: new Set<number>() };
  private looking = false;

  constructor(
    private readonly url: string,
    private readonly language: string,
    private readonly changed: () => void,
  ) {
    this.memory = new Memory(`inboxd.chat ${url} `);
    try {
      this.state.unsent = JSON.parse(this.memory.get("unsent") ?? "[]") as Unsent[];
    } catch {
      this.state.unsent = [];
    }
  }

  connect(): void {
    const socket = (this.socket = new WebSocket(this.url));
    socket.onopen = () => this.tell({ type: "hello", token: this.memory.get("token") ?? undefined, language: this.language });
    socket.onmessage = (event) => this.hear(JSON.parse(String(event.data)) as FromServer);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.welcomed = false;
      this.state.typing = false;
      this.state.phase = event.code === 4403 ? "closed" : "offline";
      this.changed();
      if (this.state.phase === "closed") return;
      const wait = later_ms[Math.min(this.attempt++, later_ms.length - 1)]!;
      setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    };
  }

  send(text: string): void {
    const random = crypto.getRandomValues(new Uint32Array(4));
    this.state.unsent.push({ id: [...random].map((n) => n.toString(36)).join(""), text });
    this.keep();
    this.typed_at = 0;
    this.transmit();
    this.changed();
  }
  retry(id: string): void {
    const one = this.state.unsent.find((unsent) => unsent.id === id);
    if (one) delete one.refused;
    this.transmit();
    this.changed();
  }
  typing(): void {
    const now = Date.now();
    clearTimeout(this.stop_typing);
    this.stop_typing = setTimeout(() => {
      this.typed_at = 0;
      this.tell({ type: "typing", on: false });
    }, typing_every_ms);
    if (now - this.typed_at < typing_every_ms) return;
    this.typed_at = now;
    this.tell({ type: "typing", on: true });
  }
  /** Does the visitor see the conversation? What they see is read. */
  look(looking: boolean): void {
    this.looking = looking;
    this.report();
  }
  get unread(): number {
    return this.state.messages.filter((m) => m.from === "agent" && !this.reported.read.has(m.seq)).length;
  }

  private tell(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
  private keep(): void {
    this.memory.set("unsent", JSON.stringify(this.state.unsent));
  }
  private transmit(): void {
    if (!this.welcomed) return;
    for (const { id, text, refused } of this.state.unsent) if (!refused) this.tell({ type: "send", id, text });
  }

  private hear(frame: FromServer): void {
    switch (frame.type) {
      case "welcome":
        this.memory.set("token", frame.token);
        this.attempt = 0;
        this.welcomed = true;
        Object.assign(this.state, { phase: "online", title: frame.title, read_seq: frame.read_seq });
        for (const message of frame.messages as (Message & { status?: string })[]) {
          this.put(message);
          if (message.status === "read") this.reported.read.add(message.seq);
          if (message.status === "read" || message.status === "delivered") this.reported.delivered.add(message.seq);
        }
        this.transmit();
        break;
      case "message": this.put(frame); break;
      case "accepted": {
        const sent = this.state.unsent.find((one) => one.id === frame.id);
        this.state.unsent = this.state.unsent.filter((one) => one.id !== frame.id);
        this.keep();
        if (sent) this.put({ seq: frame.seq, at: frame.at, from: "visitor", text: sent.text });
        break;
      }
      case "refused": {
        const refused = this.state.unsent.find((one) => one.id === frame.id);
        if (refused) refused.refused = frame.reason;
        this.keep();
        break;
      }
      case "typing": this.state.typing = frame.on; break;
      case "seen": this.state.read_seq = frame.read_seq; break;
    }
    this.report();
    this.changed();
  }

  /** In the order of seq, each once. */
  private put(message: Message): void {
    const { messages } = this.state;
    const at = messages.findIndex((one) => one.seq >= message.seq);
    if (at < 0) messages.push(message);
    else if (messages[at]!.seq !== message.seq) messages.splice(at, 0, message);
    if (message.from === "agent") this.state.typing = false;
  }

  private report(): void {
    if (!this.welcomed) return;
    const fresh = (done: Set<number>): number[] =>
      this.state.messages.filter((m) => m.from === "agent" && !done.has(m.seq)).map((m) => m.seq).slice(-50);
    for (const type of this.looking ? (["delivered", "read"] as const) : (["delivered"] as const)) {
      const seqs = fresh(this.reported[type]);
      if (seqs.length === 0) continue;
      this.tell({ type, seqs });
      for (const seq of seqs) this.reported[type].add(seq);
    }
  }
}

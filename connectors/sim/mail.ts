// A mail server: SMTP by smtp-server, and as much of IMAP4rev1 (RFC 3501: CAPABILITY, LOGIN, SELECT, SEARCH, FETCH with ENVELOPE and
// BODYSTRUCTURE, STORE, IDLE) as a client needs that reads one mailbox.
import { createServer, type Server, type Socket } from "node:net";
import { SMTPServer } from "smtp-server";

export interface Mail {
  from: { name: string; address: string };
  subject: string;
  id: string;
  text?: string;
  html?: string;
  attachments?: { name: string; type: string; content: string }[];
  /** Its parts are refused when they are asked for. */
  garbled?: boolean;
  /** Makes it a report on the message with this Message-ID. */
  bounce?: { of: string; action: string; status: string; diagnostic: string };
}
export interface Outgoing { to: string; headers: Map<string, string>; text: string }
interface Part { type: string; content: string; name?: string; attachment?: boolean }
interface Kept { uid: number; mail: Mail; seen: boolean; parts: Part[] }

const quote = (text: string): string => `"${text.replace(/(["\\])/g, "\\$1")}"`;

export class MailSim {
  readonly sent: Outgoing[] = [];
  /** Instead of the next deliveries: an answer, or none, to a message that it takes all the same or does not. */
  readonly trouble: ({ code: number; text: string } | { silent: true; takes?: boolean })[] = [];
  /** Texts of all that it was asked to take. */
  readonly asked: string[] = [];
  private readonly box: Kept[] = [];
  private readonly idlers = new Set<() => void>();
  private readonly sockets = new Set<Socket>();
  private imap!: Server;
  private smtp!: SMTPServer;
  imap_port = 0;
  smtp_port = 0;

  /** Log-ins for sending that it refused. */
  refused = 0;

  constructor(readonly user: string, public password: string) {}

  async start(): Promise<this> {
    this.imap = createServer((socket) => this.serve(socket));
    await new Promise<void>((yes) => this.imap.listen(0, "127.0.0.1", yes));
    this.imap_port = (this.imap.address() as { port: number }).port;
    this.smtp = new SMTPServer({
      disabledCommands: ["STARTTLS"], allowInsecureAuth: true, logger: false,
      onAuth: (auth, _session, done) => {
        if (auth.username === this.user && auth.password === this.password) return done(null, { user: this.user });
        ++this.refused;
        done(new Error("Invalid username or password"));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const trouble = this.trouble.shift();
          const taken = read(Buffer.concat(chunks).toString("utf8"), session.envelope.rcptTo[0]!.address);
          this.asked.push(taken.text);
          if (trouble && "code" in trouble) return done(Object.assign(new Error(trouble.text), { responseCode: trouble.code }));
          if (!trouble || trouble.takes) this.sent.push(taken);
          if (!trouble) done();
        });
      },
    });
    this.smtp.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((yes) => this.smtp.listen(0, "127.0.0.1", () => yes()));
    this.smtp_port = (this.smtp.server.address() as { port: number }).port;
    return this;
  }
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((yes) => this.imap.close(() => yes()));
    await new Promise<void>((yes) => this.smtp.close(() => yes()));
  }

  /** What the customer's mailbox shows of what was sent: of several with one Message-ID the first. */
  get kept(): Outgoing[] {
    const known = new Set<string | undefined>();
    return this.sent.filter(({ headers }) => !known.has(headers.get("message-id")) && known.add(headers.get("message-id")));
  }

  /** Comes into the mailbox. */
  arrive(mail: Mail): void {
    const parts: Part[] = [];
    if (mail.bounce) {
      const { of, action, status, diagnostic } = mail.bounce;
      parts.push({ type: "text/plain", content: "It could not be delivered." });
      parts.push({ type: "message/delivery-status", content: `Reporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; x@shop.example\r\nAction: ${action}\r\nStatus: ${status}\r\nDiagnostic-Code: smtp; ${diagnostic}\r\n` });
      parts.push({ type: "text/rfc822-headers", content: `Subject: hello\r\nMessage-ID: ${of}\r\n` });
    } else {
      if (mail.text !== undefined) parts.push({ type: "text/plain", content: mail.text });
      if (mail.html !== undefined) parts.push({ type: "text/html", content: mail.html });
      for (const { name, type, content } of mail.attachments ?? []) parts.push({ type, content, name, attachment: true });
    }
    this.box.push({ uid: this.box.length + 1, mail, seen: false, parts });
    for (const wake of this.idlers) wake();
  }
  /** Lines in IDLE. */
  get listeners(): number {
    return this.idlers.size;
  }
  get unseen(): number {
    return this.box.filter((kept) => !kept.seen).length;
  }
  /** Breaks every line. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let rest = "";
    let announced = 0;
    let idle: { tag: string; wake: () => void } | null = null;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    socket.on("error", () => undefined).on("close", () => {
      this.sockets.delete(socket);
      if (idle) this.idlers.delete(idle.wake);
    });
    say("* OK [CAPABILITY IMAP4rev1 IDLE] ready");
    socket.on("data", (data) => {
      rest += String(data);
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (idle) {
          this.idlers.delete(idle.wake);
          say(`${idle.tag} OK done`);
          idle = null;
          if (/^done$/i.test(line)) continue;
        }
        const [tag, command = "", ...words] = line.split(" ");
        const verb = command.toUpperCase();
        if (verb === "IDLE") {
          const wake = (): void => {
            if (this.box.length > announced) say(`* ${(announced = this.box.length)} EXISTS`);
          };
          idle = { tag: tag!, wake };
          this.idlers.add(wake);
          say("+ idling");
          wake();
          continue;
        }
        if (verb === "SELECT") announced = this.box.length;
        say(this.answer(tag!, verb, words.join(" "), say));
        if (verb === "LOGOUT") socket.end();
      }
    });
  }

  private answer(tag: string, verb: string, args: string, say: (line: string) => void): string {
    switch (verb) {
      case "CAPABILITY": say("* CAPABILITY IMAP4rev1 IDLE"); break;
      case "LOGIN": {
        const [user, password] = args.match(/"(?:[^"\\]|\\.)*"|\S+/g)!.map((word) => word.replace(/^"|"$/g, "").replace(/\\(.)/g, "$1"));
        if (user !== this.user || password !== this.password) return `${tag} NO [AUTHENTICATIONFAILED] Invalid credentials`;
        break;
      }
      case "LIST": say('* LIST () "/" "INBOX"'); break;
      case "SELECT":
        for (const line of ["FLAGS (\\Seen)", "OK [PERMANENTFLAGS (\\Seen)] flags", `${this.box.length} EXISTS`, "0 RECENT", "OK [UIDVALIDITY 1] valid", `OK [UIDNEXT ${this.box.length + 1}] next`]) say(`* ${line}`);
        return `${tag} OK [READ-WRITE] selected`;
      case "UID": {
        const [what, ...words] = args.split(" ");
        const kept = this.box.find((one) => one.uid === Number(words[0]));
        if (/^search$/i.test(what!)) say(`* SEARCH ${this.box.filter((one) => !one.seen).map((one) => one.uid).join(" ")}`.trim());
        else if (/^store$/i.test(what!) && kept) {
          kept.seen = true;
          say(`* ${kept.uid} FETCH (UID ${kept.uid} FLAGS (\\Seen))`);
        } else if (/^fetch$/i.test(what!) && kept?.mail.garbled && /BODY(\.PEEK)?\[/i.test(args)) {
          return `${tag} NO [SERVERBUG] that part cannot be read`;
        } else if (/^fetch$/i.test(what!) && kept) say(this.fetched(kept, words.slice(1).join(" ")));
        break;
      }
      default: break;
    }
    return `${tag} OK done`;
  }

  private fetched(kept: Kept, wanted: string): string {
    const items = [`UID ${kept.uid}`];
    if (/FLAGS/i.test(wanted)) items.push(`FLAGS (${kept.seen ? "\\Seen" : ""})`);
    if (/INTERNALDATE/i.test(wanted)) items.push('INTERNALDATE "27-Nov-2026 10:00:00 +0000"');
    if (/RFC822\.SIZE/i.test(wanted)) items.push("RFC822.SIZE 1000");
    if (/ENVELOPE/i.test(wanted)) items.push(`ENVELOPE ${this.envelope(kept.mail)}`);
    if (/BODYSTRUCTURE/i.test(wanted)) items.push(`BODYSTRUCTURE ${structure(kept)}`);
    for (const [, section, from, count] of wanted.matchAll(/BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?/gi)) {
      const content = sectionOf(kept, section!.toUpperCase());
      const bytes = Buffer.from(content);
      const cut = from === undefined ? bytes : bytes.subarray(Number(from), Number(from) + Number(count));
      items.push(`BODY[${section}]${from === undefined ? "" : `<${from}>`} {${cut.length}}\r\n${cut.toString("utf8")}`);
    }
    return `* ${kept.uid} FETCH (${items.join(" ")})`;
  }

  private envelope(mail: Mail): string {
    const [local, domain] = mail.from.address.split("@");
    const from = `((${mail.from.name ? quote(mail.from.name) : "NIL"} NIL ${quote(local!)} ${quote(domain!)}))`;
    return `("Fri, 27 Nov 2026 10:00:00 +0000" ${quote(mail.subject)} ${from} ${from} ${from} ((NIL NIL "help" "shop.example")) NIL NIL NIL ${quote(mail.id)})`;
  }
}

function read(mail: string, to: string): Outgoing {
  const [head, ...body] = mail.split("\r\n\r\n");
  const headers = new Map(head!.replace(/\r\n[ \t]+/g, " ").split("\r\n").map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  return { to, headers, text: body.join("\r\n\r\n").trim() };
}

function structure(kept: Kept): string {
  const one = ({ type, content, name, attachment }: Part): string => {
    const [main, sub] = type.split("/");
    const parameters = main === "text" ? '("CHARSET" "utf-8")' : name ? `("NAME" ${quote(name)})` : "NIL";
    const disposition = attachment ? `("ATTACHMENT" ("FILENAME" ${quote(name!)}))` : "NIL";
    const size = Buffer.byteLength(content);
    return `(${quote(main!)} ${quote(sub!)} ${parameters} NIL NIL "8BIT" ${size}${main === "text" ? ` ${content.split("\n").length}` : ""} NIL ${disposition} NIL NIL)`;
  };
  if (kept.parts.length === 1) return one(kept.parts[0]!);
  const sub = kept.mail.bounce ? "REPORT" : "MIXED";
  return `(${kept.parts.map(one).join("")} "${sub}" ("BOUNDARY" "b") NIL NIL NIL)`;
}

function sectionOf(kept: Kept, section: string): string {
  const found = /^(\d+)(\.MIME)?$/.exec(section);
  const part = kept.parts[found ? Number(found[1]) - 1 : 0]!;
  if (section === "TEXT" || (found && !found[2])) return part.content;
  const type = `Content-Type: ${part.type}${part.type.startsWith("text/") ? "; charset=utf-8" : ""}\r\nContent-Transfer-Encoding: 8bit\r\n`;
  return `${type}${part.name ? `Content-Disposition: attachment; filename=${quote(part.name)}\r\n` : ""}\r\n`;
}

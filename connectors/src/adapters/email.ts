// E-mail: in by IMAP (RFC 9051, by imapflow), out by SMTP (RFC 5321, by nodemailer). A customer is an address. What could not be
// delivered comes back as a report (RFC 3464), and becomes `failed` on the message that it is about.
import { Readable } from "node:stream";
import type { Delivery } from "@inboxd/client";
import { ImapFlow, type FetchMessageObject, type MessageStructureObject } from "imapflow";
import { createTransport, type Transporter } from "nodemailer";
import { allowedMedia, Failure, fitting, unsupported, type Adapter, type InboundMessage, type MediaLimits, type Sent, type Told } from "../platform.js";

export interface MailServer { host: string; port: number; secure: boolean; user: string; password: string }
export interface EmailOptions {
  channel: string;
  /** Ours: what customers write to. */
  address: string;
  name?: string;
  imap: MailServer;
  smtp: MailServer;
  mailbox: string;
  media: MediaLimits;
  mediaUrl?: (id: string) => string;
}

const idle_ms = 60_000; // looks again after that, whatever the server says
const text_bytes_max = 256 * 1024;
const threads_kept = 10_000;

export class Email implements Adapter {
  readonly channel: string;
  private readonly transport: Transporter;
  /** The last message of each customer, to answer to. */
  private readonly threads = new Map<string, { id: string; subject: string }>();
  private imap: ImapFlow | null = null;

  constructor(private readonly options: EmailOptions) {
    this.channel = options.channel;
    const { host, port, secure, user, password } = options.smtp;
    this.transport = createTransport({
      host, port, secure, requireTLS: !secure && !isLocal(host), auth: user ? { user, pass: password } : undefined,
      connectionTimeout: 10_000, socketTimeout: 30_000, disableFileAccess: true, disableUrlAccess: true, pool: true,
    });
  }

  async poll(take: (told: Told[]) => Promise<void>, signal: AbortSignal, fails: (why: string) => void): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.session(take, signal);
      } catch (error) {
        // The server went away, or the engine could not take it: the message stays unseen, and comes again.
        const { responseText, code, name } = error as { responseText?: string; code?: string; name: string };
        if (!signal.aborted) fails(responseText ?? code ?? name);
        await pause(1_000, signal);
      }
    }
    this.transport.close();
  }

  private async session(take: (told: Told[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { host, port, secure, user, password } = this.options.imap;
    const imap = new ImapFlow({
      host, port, secure, auth: { user, pass: password }, logger: false, disableAutoIdle: true, doSTARTTLS: secure || isLocal(host) ? undefined : true,
    });
    imap.on("error", () => imap.close());
    const stop = (): void => imap.close();
    signal.addEventListener("abort", stop);
    try {
      await imap.connect();
      await imap.mailboxOpen(this.options.mailbox);
      this.imap = imap;
      // What comes while we read is not missed: it is noted, and read next.
      let fresh = true;
      let wake = (): void => undefined;
      imap.on("exists", () => ((fresh = true), wake()));
      imap.on("close", () => wake());
      while (!signal.aborted && imap.usable) {
        if (fresh) {
          fresh = false;
          await this.readUnseen(imap, take);
          continue;
        }
        const woken = new Promise<void>((yes) => (wake = yes));
        // It ends when somebody opens an attachment meanwhile: then nobody would tell us of what comes.
        void imap.idle().catch(() => undefined).finally(wake);
        await Promise.race([woken, pause(idle_ms, signal)]);
        fresh = true;
      }
    } finally {
      this.imap = null;
      signal.removeEventListener("abort", stop);
      imap.close();
    }
  }

  private async readUnseen(imap: ImapFlow, take: (told: Told[]) => Promise<void>): Promise<void> {
    for (const uid of (await imap.search({ seen: false }, { uid: true })) || []) {
      const mail = await imap.fetchOne(String(uid), { uid: true, envelope: true, bodyStructure: true, internalDate: true }, { uid: true });
      if (!mail) continue;
      await take(await this.told(imap, mail));
      // Only now: what the engine has not kept is found again.
      await imap.messageFlagsAdd(String(uid), ["\\Seen"], { uid: true });
    }
  }

  private async told(imap: ImapFlow, mail: FetchMessageObject): Promise<Told[]> {
    const envelope = mail.envelope ?? {};
    const from = envelope.from?.[0];
    const address = from?.address?.toLowerCase();
    if (mail.bodyStructure?.type === "multipart/report") return this.bounce(imap, mail, mail.bodyStructure);
    if (!address || address === this.options.address.toLowerCase()) return [];
    const subject = (envelope.subject ?? "").trim();
    const id = envelope.messageId ?? `${this.options.mailbox}-${mail.uid}`;
    this.threads.delete(address);
    this.threads.set(address, { id, subject });
    if (this.threads.size > threads_kept) this.threads.delete(this.threads.keys().next().value!);
    const date = envelope.date?.getTime();
    const [first_name, ...rest] = (from?.name ?? "").split(" ");
    return [{
      told: "message",
      message: {
        external_id: address.slice(0, 256), provider_id: id.slice(0, 256), at: date && date > 0 ? date : undefined,
        profile: { first_name: first_name || undefined, last_name: rest.join(" ") || undefined, email: address },
        ...(await this.content(imap, mail, subject).catch((error) => {
          // What cannot be read is shown as such: it must not hold up all that is behind it.
          if (!imap.usable) throw error;
          return unsupported(`message that could not be read: ${fitting(subject, 1024)}`);
        })),
      },
    }];
  }

  private async content(imap: ImapFlow, mail: FetchMessageObject, subject: string): Promise<Pick<InboundMessage, "type" | "text" | "attachments">> {
    const parts = leaves(mail.bodyStructure);
    const inline = parts.filter((part) => part.disposition !== "attachment");
    const plain = inline.find((part) => part.type === "text/plain");
    const html = inline.find((part) => part.type === "text/html");
    const words = plain ? await this.read(imap, mail.uid, plain) : html ? textOf(await this.read(imap, mail.uid, html)) : "";
    const files = parts.filter((part) => part !== plain && part !== html && !part.type.startsWith("multipart/"));
    const kept = this.options.mediaUrl ? files.filter((part) => part.type !== "text/html" && allowedMedia(this.options.media, part.type, part.size)).slice(0, 16) : [];
    const nameOf = (part: MessageStructureObject): string => (part.dispositionParameters?.filename ?? part.parameters?.name ?? part.type).slice(0, 256);
    // Files that the channel does not take, or that nobody could fetch, are named: nothing that came is kept from the agent.
    const left = files.filter((part) => !kept.includes(part)).map((part) => `[attachment ${nameOf(part)}]`).join("\n");
    const text = fitting([subject, words.trim(), words.trim() || kept.length > 0 ? left : ""].filter(Boolean).join("\n\n"));
    if (kept.length > 0) {
      return {
        type: "attachment", text: text || undefined,
        attachments: kept.map((part) => ({
          url: this.options.mediaUrl!(`${mail.uid}:${part.part ?? "1"}`), mime_type: part.type, bytes: part.size,
          name: nameOf(part),
        })),
      };
    }
    if (left && !words.trim()) return { type: "unsupported", text: fitting([subject, left].filter(Boolean).join("\n\n")) };
    return text ? { type: "text", text } : unsupported("empty message");
  }

  private async read(imap: ImapFlow, uid: number, part: MessageStructureObject): Promise<string> {
    const { content } = await imap.download(String(uid), part.part ?? "1", { uid: true, maxBytes: text_bytes_max });
    if (!content) return ""; // an empty part
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  }

  /** A delivery report: which message of ours, and why. Delays and receipts are not for anybody to act on. */
  private async bounce(imap: ImapFlow, mail: FetchMessageObject, report: MessageStructureObject): Promise<Told[]> {
    const parts = leaves(report);
    const status = parts.find((part) => part.type === "message/delivery-status");
    const original = parts.find((part) => part.type === "message/rfc822" || part.type === "text/rfc822-headers");
    if (!status || !original) return [];
    const said = await this.read(imap, mail.uid, status);
    const id = /^message-id:\s*(<[^>]+>)/im.exec(await this.read(imap, mail.uid, original))?.[1];
    if (!id || !/^action:\s*failed/im.test(said)) return [];
    const code = /^status:\s*([\d.]+)/im.exec(said)?.[1] ?? "5.0.0";
    const message = /^diagnostic-code:\s*(?:smtp;)?\s*(.+)/im.exec(said)?.[1]?.trim() ?? "The message could not be delivered.";
    return [{ told: "status", status: { provider_id: id, status: "failed", error: { code, message: fitting(message, 1000) } } }];
  }

  async send(delivery: Delivery): Promise<Sent> {
    const { entry } = delivery;
    if (entry.type === "template") throw new Failure("no_templates", "E-mail has no templates.", false);
    const place = entry.location && `${entry.location.name ? `${entry.location.name}: ` : ""}geo:${entry.location.latitude},${entry.location.longitude}`;
    const links = (entry.attachments ?? []).map((one) => `${one.name ? `${one.name}: ` : ""}${one.url}`);
    const thread = this.threads.get(delivery.external_id);
    const domain = this.options.address.split("@")[1] ?? "localhost";
    // The same for the same message: whoever gets it twice can tell.
    const messageId = `<inboxd-${delivery.contact}-${delivery.seq}@${domain}>`;
    try {
      await this.transport.sendMail({
        from: { name: this.options.name ?? "", address: this.options.address }, to: { name: "", address: delivery.external_id },
        subject: thread?.subject ? (/^re:/i.test(thread.subject) ? thread.subject : `Re: ${thread.subject}`) : (entry.text ?? "").split("\n")[0]!.slice(0, 78),
        text: [entry.text, place, ...links].filter(Boolean).join("\n\n"), messageId, inReplyTo: thread?.id, references: thread?.id,
      });
    } catch (error) {
      const { responseCode, code } = error as { responseCode?: number; code?: string };
      const answer = String((error as { response?: string }).response ?? "").split("\n")[0]!;
      // 4xx: not now. 5xx: never, but for our own log-in. No answer at all: the server is away.
      const retry = responseCode === undefined ? code !== "EENVELOPE" : responseCode < 500 || code === "EAUTH";
      throw new Failure(String(responseCode ?? code ?? "unreachable"), answer || "The mail server could not be reached.", retry);
    }
    return { provider_id: messageId };
  }

  /** An attachment, from the mailbox where it lies. */
  async media(id: string): Promise<{ type: string; body: ReadableStream<Uint8Array>; bytes?: number }> {
    const [uid, part] = id.split(":");
    if (!this.imap) throw new Failure("media", "The mail server is away.", true);
    const { meta, content } = await this.imap.download(uid!, part, { uid: true, maxBytes: this.options.media.bytes_max });
    if (!content) throw new Failure("media", "It is not there any more.", false);
    return { type: meta.contentType ?? "application/octet-stream", body: Readable.toWeb(content as Readable) as ReadableStream<Uint8Array> };
  }
}

const isLocal = (host: string): boolean => host === "localhost" || host === "127.0.0.1" || host === "::1";

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((yes) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      yes();
    }
    signal.addEventListener("abort", done);
  });
}

function leaves(structure: MessageStructureObject | undefined): MessageStructureObject[] {
  if (!structure) return [];
  // What a forwarded message holds is a part of it, not of ours.
  return structure.childNodes && structure.type !== "message/rfc822" ? structure.childNodes.flatMap(leaves) : [structure];
}

/** The words of a page; nothing that it would do. */
function textOf(html: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
  return html
    .replace(/<(style|script|head)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<\/(p|div|tr|li|h\d)\s*>|<br\s*\/?>/gi, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:#(\d{1,7})|(\w{1,8}));/g, (all, code: string | undefined, name: string | undefined) =>
      code ? String.fromCodePoint(Math.min(Number(code), 0x10ffff)) : entities[name!.toLowerCase()] ?? all)
    .replace(/[ \t]+/g, " ")
    .replace(/ *\n */g, "\n")
    .replace(/\n{3,}/g, "\n\n");
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MailSim } from "../sim/mail.js";
import { diesBeforeItHeard, diesBeforeItWasTaken, type Scene } from "./killed.js";
import { Stage, until, type Running } from "./stage.js";

describe("e-mail", () => {
  const stage = new Stage();
  let server: MailSim;
  let connector: Running;
  let contact = "";
  const from = { name: "Ada Lovelace", address: "Ada@shop.example" };

  beforeAll(async () => {
    await stage.start();
    await stage.admin.call("channel.put", { id: "mail", kind: "email", name: "Mail", retry: { attempts: 20, delay_ms: 50, delay_max_ms: 200, ack_timeout_ms: 60_000 } });
    server = await new MailSim("help@inbox.example", "mail password").start();
    const password = stage.secretFile("mail-password", "mail password");
    connector = await stage.connector([{
      kind: "email", channel: "mail", address: "help@inbox.example", name: "Help", media_bytes_max: 1000,
      imap: { host: "127.0.0.1", port: server.imap_port, secure: false, user: "help@inbox.example", password },
      smtp: { host: "127.0.0.1", port: server.smtp_port, secure: false, user: "help@inbox.example", password },
    }]);
    server.arrive({ from, subject: "Where is my order?", id: "<1@shop.example>", text: "It was to come on Monday – añil." });
    contact = await stage.contactOf("mail", "ada@shop.example");
  });
  afterAll(async () => {
    await stage.stop();
    await server?.stop();
  });

  it("brings what customers write: words, pages as words, attachments behind a link", async () => {
    server.arrive({ from, subject: "Page", id: "<2@shop.example>", html: "<style>p{}</style><p>Hello&nbsp;there</p><p>&lt;3</p><script>alert(1)</script>" });
    server.arrive({ from, subject: "Picture", id: "<3@shop.example>", text: "see", attachments: [{ name: "a.txt", type: "application/pdf", content: "pdf bytes" }] });
    await until("all three", async () => (await stage.messages(contact)).length === 3);
    const said = await stage.messages(contact);
    expect(said.map((one) => one.text)).toEqual(["Where is my order?\n\nIt was to come on Monday – añil.", "Page\n\nHello there\n<3", "Picture\n\nsee"]);
    expect(said[2]!.attachments![0]).toMatchObject({ name: "a.txt", mime_type: "application/pdf" });
    const file = await fetch(said[2]!.attachments![0]!.url);
    expect([file.status, await file.text()]).toEqual([200, "pdf bytes"]);
    expect((await stage.admin.call("contact.get", { contact })).contact).toMatchObject({ first_name: "Ada", last_name: "Lovelace", email: "ada@shop.example" });
    await until("all are seen", () => server.unseen === 0);
  });

  it("hears of what comes after somebody opened an attachment, too", async () => {
    const url = (await stage.messages(contact)).find((one) => one.attachments)!.attachments![0]!.url;
    for (let i = 0; i < 3; ++i) {
      await until("the connector listens", () => server.listeners === 1);
      await (await fetch(url)).text();
      server.arrive({ from: { name: "", address: "news@shop.example" }, subject: `News ${i}`, id: `<news${i}@shop.example>`, text: "." });
      await until("it is read", () => server.unseen === 0);
    }
  });

  it("answers in the customer's thread", async () => {
    const seq = await stage.send(contact, "It is on its way.");
    const entry = await stage.status(contact, seq, "sent");
    const sent = server.sent.at(-1)!;
    expect(sent.to).toBe("ada@shop.example");
    expect(sent.headers.get("subject")).toBe("Re: Picture");
    expect(sent.headers.get("in-reply-to")).toBe("<3@shop.example>");
    expect(sent.headers.get("message-id")).toBe(entry.provider_id);
    expect(sent.text).toBe("It is on its way.");
  });

  it("tries again what the server does not take now, and says why it never will", async () => {
    server.trouble.push({ code: 451, text: "Greylisted, try again later" }, { code: 421, text: "Too many connections" });
    const seq = await stage.send(contact, "patience");
    await stage.status(contact, seq, "sent");
    server.trouble.push({ code: 550, text: "5.1.1 No such user" });
    const refused = await stage.send(contact, "nobody");
    expect((await stage.status(contact, refused, "failed")).statuses!.at(-1)!.error).toEqual({ code: "550", message: "550 5.1.1 No such user" });
  });

  it("a report that comes back makes its message failed, and no message of its own", async () => {
    const seq = await stage.send(contact, "will bounce");
    const { provider_id } = await stage.status(contact, seq, "sent");
    const before = (await stage.messages(contact)).length;
    const daemon = { name: "", address: "mailer-daemon@mail.example" };
    server.arrive({ from: daemon, subject: "Delayed", id: "<b0@mail.example>", bounce: { of: provider_id!, action: "delayed", status: "4.4.1", diagnostic: "busy" } });
    server.arrive({ from: daemon, subject: "Undelivered", id: "<b1@mail.example>", bounce: { of: provider_id!, action: "failed", status: "5.2.2", diagnostic: "552 Mailbox full" } });
    await until("the error", async () => (await stage.messages(contact)).find((one) => one.seq === seq)?.statuses?.some((s) => s.error?.code === "5.2.2" && s.error.message === "552 Mailbox full"));
    expect((await stage.messages(contact)).length).toBe(before);
  });

  it("comes back when the line to the mailbox breaks, and takes each message once", async () => {
    server.cut();
    server.arrive({ from, subject: "After the cut", id: "<9@shop.example>", text: "still here" });
    server.arrive({ from, subject: "After the cut", id: "<9@shop.example>", text: "still here" });
    await until("it is taken", () => server.unseen === 0);
    expect((await stage.messages(contact)).filter((one) => one.text?.startsWith("After the cut"))).toHaveLength(1);
  });

  it("bears a mail server that does not know its password for a while: it says so in its log, and all goes on", async () => {
    server.password = "another";
    server.cut();
    server.arrive({ from, subject: "Locked out", id: "<10@shop.example>", text: "hello?" });
    await until("it is said", () => connector.output.includes("mail: nothing is fetched: Invalid credentials"));
    const seq = await stage.send(contact, "behind the lock");
    await until("the server refuses", () => server.refused > 0);
    server.password = "mail password";
    await stage.status(contact, seq, "sent");
    await until("it is taken", () => server.unseen === 0);
    expect((await stage.messages(contact)).filter((one) => one.text?.startsWith("Locked out"))).toHaveLength(1);
  });

  it("shows an attachment that the channel does not take, and a message that cannot be read, as such, and goes on behind them", async () => {
    server.arrive({ from, subject: "Huge", id: "<11@shop.example>", text: "", attachments: [{ name: "a.bin", type: "application/octet-stream", content: "x".repeat(3_000) }] });
    server.arrive({ from, subject: "Words", id: "<14@shop.example>", text: "see it", attachments: [{ name: "b.bin", type: "application/octet-stream", content: "x".repeat(3_000) }] });
    server.arrive({ from, subject: "Garbled", id: "<12@shop.example>", text: "?", garbled: true });
    server.arrive({ from, subject: "Behind", id: "<13@shop.example>", text: "them" });
    await until("all are taken", () => server.unseen === 0);
    const said = (await stage.messages(contact)).slice(-4);
    expect(said.map((one) => [one.type, one.text])).toEqual([["unsupported", "Huge\n\n[attachment a.bin]"], ["text", "Words\n\nsee it\n\n[attachment b.bin]"], ["unsupported", "[message that could not be read: Garbled]"], ["text", "Behind\n\nthem"]]);
  });

  describe("killed with kill -9", () => {
    const scene = (): Scene => ({
      stage, connector, contact,
      swallow: () => void server.trouble.push({ silent: true }),
      takeSilently: () => void server.trouble.push({ silent: true, takes: true }),
      askedLast: () => server.asked.at(-1),
      taken: () => server.kept.map((one) => one.text),
      at_most: 1, // sent again under its Message-ID, of which a mailbox keeps one
    });
    it("while the server works, it brings all, once each, in order", () => diesBeforeItWasTaken(scene()));
    it("after the server took a message and before it heard so, it loses none, and the mailbox has it once", () => diesBeforeItHeard(scene()));
    it("mail that came meanwhile, or was being read, is taken when it is back, once", async () => {
      server.arrive({ from, subject: "Before", id: "<k1@shop.example>", text: "before the kill" });
      await connector.stop("SIGKILL");
      server.arrive({ from, subject: "Meanwhile", id: "<k2@shop.example>", text: "while it was down" });
      await connector.start();
      await until("all are seen", () => server.unseen === 0);
      const said = (await stage.messages(contact)).map((one) => one.text ?? "");
      for (const text of ["before the kill", "while it was down"]) expect(said.filter((one) => one.endsWith(text))).toHaveLength(1);
    });
  });

  it("says no password in its log", () => {
    expect(connector.output).not.toContain("mail password");
  });
});

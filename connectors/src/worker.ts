// Deliveries on their way to one platform: each contact's one after the other, many contacts at once; nothing that the
// platform took is sent again; what it refuses for now goes back to the engine, which knows when to try again.
import { InboxError, type Delivery, type InboxClient } from "@inboxd/client";
import { keyOf, type Journal, type Key } from "./journal.js";
import { Failure, type Adapter, type Progress } from "./platform.js";

const at_once_max = 32;

export class Worker {
  private readonly lines = new Map<string, Delivery[]>();
  private readonly held = new Set<Key>();
  /** Contacts whose last failure the engine has not answered yet: what comes for them meanwhile comes again (docs/CONNECTORS.md). */
  private readonly dropping = new Set<string>();
  private readonly progress = new Map<Key, Progress>();
  private readonly echoes = new Map<Key, () => void>();
  private running = 0;
  private closed = false;

  constructor(
    private readonly client: Pick<InboxClient, "call">,
    private readonly adapter: Adapter,
    private readonly journal: Journal,
    private readonly log: (text: string) => void,
  ) {}

  take(deliveries: Delivery[]): void {
    for (const delivery of deliveries) {
      const key = keyOf(delivery.contact, delivery.seq);
      if (this.held.has(key) || this.dropping.has(delivery.contact)) continue;
      this.held.add(key);
      const line = this.lines.get(delivery.contact);
      if (line) line.push(delivery);
      else this.lines.set(delivery.contact, [delivery]);
    }
    this.pump();
  }

  /** A status came for something begun before a crash: the platform has it. */
  echo(key: Key): void {
    this.echoes.get(key)?.();
  }
  /** Is anything on its way to the platform, so that a status may be ahead of its message's id? */
  get busy(): boolean {
    return this.running > 0;
  }
  close(): void {
    this.closed = true;
    this.lines.clear();
  }

  private readonly active = new Set<string>();

  private pump(): void {
    for (const contact of this.lines.keys()) {
      if (this.closed || this.running >= at_once_max) return;
      if (this.active.has(contact)) continue;
      this.active.add(contact);
      ++this.running;
      void this.work(contact).finally(() => {
        this.active.delete(contact);
        --this.running;
        this.pump();
      });
    }
  }

  private async work(contact: string): Promise<void> {
    for (let line = this.lines.get(contact); line && line.length > 0 && !this.closed; line = this.lines.get(contact)) {
      const delivery = line.shift()!;
      const key = keyOf(delivery.contact, delivery.seq);
      try {
        await this.bring(delivery, key);
      } catch (error) {
        // The engine cannot be told now: it will deliver again, and the journal knows what was done.
        this.log(`${this.adapter.channel}: ${key}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        this.held.delete(key);
      }
    }
    if (this.lines.get(contact)?.length === 0) this.lines.delete(contact);
  }

  private async bring(delivery: Delivery, key: Key): Promise<void> {
    const known = this.journal.sent.get(key) ?? await this.sentBeforeTheCrash(key);
    if (known !== undefined) return this.tellSent(delivery, known);
    const progress = this.progress.get(key) ?? { parts_sent: this.journal.begun.get(key) ?? 0 };
    this.progress.set(key, progress);
    this.journal.begin(key, progress.parts_sent);
    let provider_id: string;
    try {
      ({ provider_id } = await this.adapter.send(delivery, progress));
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure("connector", "The connector could not make sense of this message.", false);
      if (!(error instanceof Failure)) this.log(`${this.adapter.channel}: ${key}: ${String(error)}`);
      if (failure.code !== "unreachable") this.journal.drop(key);
      if (!failure.retry) this.progress.delete(key);
      return this.tellFailed(delivery, failure);
    }
    this.journal.done(key, provider_id);
    this.progress.delete(key);
    await this.tellSent(delivery, provider_id);
  }

  /** Begun by a process that is gone: listens a while for the platform's word on it. */
  private async sentBeforeTheCrash(key: Key): Promise<string | undefined> {
    const wait = this.adapter.echo_wait_ms;
    if (!this.journal.begun.has(key) || wait === undefined || this.progress.has(key)) return undefined;
    const heard = await new Promise<boolean>((yes) => {
      const timer = setTimeout(() => yes(false), wait);
      this.echoes.set(key, () => (clearTimeout(timer), yes(true)));
    });
    this.echoes.delete(key);
    return heard ? `echo:${key}` : undefined;
  }

  private async tellSent(delivery: Delivery, provider_id: string): Promise<void> {
    // Of an echo the status has been reported already, under contact and seq.
    if (provider_id.startsWith("echo:")) return this.journal.done(keyOf(delivery.contact, delivery.seq), provider_id);
    await this.client.call("outbox.sent", { contact: delivery.contact, seq: delivery.seq, provider_id });
  }

  private async tellFailed(delivery: Delivery, failure: Failure): Promise<void> {
    const { contact, seq } = delivery;
    const error = { code: failure.code.slice(0, 256) || "unknown", message: failure.message.slice(0, 1000) };
    if (!failure.retry) {
      await this.client.call("outbox.failed", { contact, seq, error });
      return;
    }
    for (const later of this.lines.get(contact) ?? []) this.held.delete(keyOf(later.contact, later.seq));
    this.lines.delete(contact);
    this.dropping.add(contact);
    try {
      await this.client.call("outbox.failed", { contact, seq, retry: true, error, retry_after_ms: failure.retry_after_ms });
    } catch (refused) {
      // Reported or taken back meanwhile: there is nothing to try again.
      if (!(refused instanceof InboxError) || refused.reason !== "not_found") throw refused;
    } finally {
      this.dropping.delete(contact);
    }
  }
}

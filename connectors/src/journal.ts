// What was begun and what was brought to the platform, one line each, so that a connector that was killed knows what it
// must not send again, and what it cannot be sure of. The kernel has each line when `append` returns: it outlives the
// process, not the machine.
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";

/** Contact and seq of a delivery. */
export type Key = string;
export const keyOf = (contact: string, seq: number): Key => `${contact}:${seq}`;

const kept = 20_000;

export class Journal {
  /** Brought: the platform's id. Old ones are forgotten; the engine does not deliver them again. */
  readonly sent = new Map<Key, string>();
  /** Begun, with parts that are through; what became of the next is not known after a crash. */
  readonly begun = new Map<Key, number>();
  private file = -1;
  private lines = 0;

  constructor(private readonly path: string | null) {
    if (path === null) return;
    if (existsSync(path)) this.read(readFileSync(path, "utf8"));
    this.rewrite();
  }

  begin(key: Key, parts_sent: number): void {
    this.begun.set(key, parts_sent);
    this.write(["begin", key, parts_sent]);
  }
  /** The platform said no: it was not brought. */
  drop(key: Key): void {
    this.begun.delete(key);
    this.write(["drop", key]);
  }
  done(key: Key, provider_id: string): void {
    this.begun.delete(key);
    this.sent.set(key, provider_id);
    if (this.sent.size > kept) this.sent.delete(this.sent.keys().next().value!);
    this.write(["done", key, provider_id]);
    if (this.lines > 4 * kept) this.rewrite();
  }
  close(): void {
    if (this.file >= 0) closeSync(this.file);
    this.file = -1;
  }

  private read(text: string): void {
    for (const line of text.split("\n")) {
      try {
        const [what, key, value] = JSON.parse(line) as [string, Key, string & number];
        if (what === "begin") this.begun.set(key, value);
        else this.begun.delete(key);
        if (what === "done") this.sent.set(key, value);
      } catch {
        // The last line of a machine that lost power, or an empty one.
      }
    }
    while (this.sent.size > kept) this.sent.delete(this.sent.keys().next().value!);
  }

  private write(line: unknown[]): void {
    if (this.file < 0) return;
    writeSync(this.file, `${JSON.stringify(line)}\n`);
    ++this.lines;
  }

  private rewrite(): void {
    const path = this.path!;
    const lines = [
      ...[...this.sent].map(([key, id]) => JSON.stringify(["done", key, id])),
      ...[...this.begun].map(([key, parts]) => JSON.stringify(["begin", key, parts])),
    ];
    writeFileSync(`${path}.new`, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    const fresh = openSync(`${path}.new`, "r+");
    fsyncSync(fresh);
    closeSync(fresh);
    renameSync(`${path}.new`, path);
    this.close();
    this.file = openSync(path, "a", 0o600);
    this.lines = lines.length;
    appendFileSync(path, "");
  }
}

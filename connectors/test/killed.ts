// What holds for every connector that is killed in the middle of its work, whatever its platform: nothing is lost, the
// contact's order stays, and only what the platform cannot be asked about may be there twice.
import { expect } from "vitest";
import { until, type Running, type Stage } from "./stage.js";

export interface Scene {
  stage: Stage;
  connector: Running;
  contact: string;
  /** The platform reads the next message and does not answer, nor keep it. */
  swallow: () => void;
  /** The platform takes the next message and does not say so. */
  takeSilently: () => void;
  /** The text of the message that the platform was asked to take last, taken or not. */
  askedLast: () => string | undefined;
  /** Texts of the messages that the platform took, in order. */
  taken: () => string[];
  /** How often a message is with the platform that it took without a word. */
  at_most: 1 | 2;
}

/** Dies while the platform works on a message that it will not keep: all are brought, once each, in order. */
export async function diesBeforeItWasTaken({ stage, connector, contact, swallow, askedLast, taken }: Scene): Promise<void> {
  const before = taken().length;
  const texts = Array.from({ length: 8 }, (_, i) => `k${i}`);
  const seqs: number[] = [];
  for (const [i, text] of texts.entries()) {
    if (i === 4) await stage.status(contact, seqs[3]!, "sent");
    if (i === 4) swallow();
    seqs.push(await stage.send(contact, text));
    if (i === 4) await until("the platform reads it", () => askedLast() === text);
  }
  await connector.stop("SIGKILL");
  await connector.start();
  for (const seq of seqs) await stage.status(contact, seq, "sent");
  expect(taken().slice(before)).toEqual(texts);
}

/** Dies when the platform has taken a message and has not said so: it is there, and so is what came after it. */
export async function diesBeforeItHeard({ stage, connector, contact, takeSilently, taken, at_most }: Scene): Promise<void> {
  const before = taken().length;
  takeSilently();
  const seq = await stage.send(contact, "taken");
  const next = await stage.send(contact, "next");
  await until("the platform has it", () => taken().length > before);
  await connector.stop("SIGKILL");
  await connector.start();
  await stage.status(contact, seq, "sent");
  await stage.status(contact, next, "sent");
  const texts = taken().slice(before);
  expect(texts.at(-1)).toBe("next");
  const times = texts.filter((text) => text === "taken").length;
  expect(times).toBeGreaterThanOrEqual(1);
  expect(times).toBeLessThanOrEqual(at_most);
  expect(texts.filter((text) => text === "next")).toHaveLength(1);
}

// What holds for every connector whose platform is in trouble: it waits as long as it is told, tries again, and brings
// each message once, in the contact's order.
import { expect } from "vitest";
import type { Given } from "../sim/server.js";
import type { Stage } from "./stage.js";

export interface Trouble {
  stage: Stage;
  contact: string;
  /** Three at most come before the message is taken. */
  trouble: (Given | null)[];
  /** "Too many", and when to come back. */
  limited: (after_s: number) => Given;
  broken: Given;
  /** Of a token that the platform has withdrawn or that ran out; platforms without tokens have none. */
  expired?: Given;
  /** Texts that the platform was asked to take, and when, whether it did or not. */
  asked: () => { text: string; at: number }[];
  /** Texts of the messages that the platform took, in order. */
  taken: () => string[];
}

export async function bearsTrouble({ stage, contact, trouble, limited, broken, expired, asked, taken }: Trouble): Promise<void> {
  const before = taken().length;
  const asked_before = asked().length;
  // Slow, too: it takes its time to refuse.
  trouble.push(limited(1), { ...broken, delay_ms: 50 }, ...(expired ? [expired] : []));
  const first = await stage.send(contact, "trouble 1");
  const second = await stage.send(contact, "trouble 2");
  await stage.status(contact, first, "sent");
  await stage.status(contact, second, "sent");
  expect(taken().slice(before)).toEqual(["trouble 1", "trouble 2"]);
  const tries = asked().slice(asked_before).filter((one) => one.text === "trouble 1");
  expect(tries).toHaveLength(expired ? 4 : 3);
  // A second was asked for. It is counted from the answer there, and from the question here.
  expect(tries[1]!.at - tries[0]!.at).toBeGreaterThanOrEqual(990);
}

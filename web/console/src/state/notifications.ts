// What calls for this agent: a bell with the last ones, a sound, the browser's own notice, and a number in the title.
import { effect, signal } from "@preact/signals";
import type { InboxClient, Notification as Notice } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { browser_notices, sound } from "./prefs.js";
import { openContact, place } from "./router.js";
import { countersOf } from "./views.js";

export interface Heard extends Notice { key: number; name: string; seen: boolean }
export const heard = signal<readonly Heard[]>([]);
let next_key = 1;

export function followNotifications(inbox: InboxClient): void {
  inbox.notifications((notice) => void take(inbox, notice));
}

async function take(inbox: InboxClient, notice: Notice): Promise<void> {
  const looking = !document.hidden && place.value.contact === notice.contact;
  if (looking && notice.kind === "inbound") return;
  let name = "";
  try {
    name = (await inbox.call("contact.get", { contact: notice.contact })).contact.name;
  } catch {
    // Gone or no longer visible: the notice is worth no more.
    return;
  }
  heard.value = [{ ...notice, key: next_key++, name, seen: looking }, ...heard.value].slice(0, 30);
  if (sound.value) beep();
  if (browser_notices.value && document.hidden && "Notification" in window && Notification.permission === "granted") {
    const shown = new Notification(word("notice", notice.kind), { body: name, tag: notice.contact, icon: "/icon.svg" });
    shown.onclick = () => {
      window.focus();
      openContact(notice.contact);
      shown.close();
    };
  }
}

export const markSeen = (): void => {
  if (heard.value.some((one) => !one.seen)) heard.value = heard.value.map((one) => ({ ...one, seen: true }));
};

/** Asks the browser when the user turns it on, never before. */
export async function allowNotices(on: boolean): Promise<void> {
  if (on && "Notification" in window && Notification.permission !== "granted") {
    browser_notices.value = (await Notification.requestPermission()) === "granted";
    return;
  }
  browser_notices.value = on;
}

let audio: AudioContext | null = null;
function beep(): void {
  try {
    audio ??= new AudioContext();
    const at = audio.currentTime;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.setValueAtTime(740, at);
    tone.frequency.setValueAtTime(988, at + 0.09);
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.08, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  } catch {
    // No sound device, or the browser wants a click first.
  }
}

export function followTitle(): void {
  effect(() => {
    const unread = countersOf("mine").unread_contacts;
    const title = place.value.page === "wallboard" ? t("nav.wallboard") : t("nav.messages");
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${title} · inboxd`;
  });
}

// What calls for this agent: a bell with the last ones, a sound, the browser's own notice, and a number in the title.
import { effect, signal } from "@preact/signals";
import type { InboxClient, Notification as Notice } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { browser_notices, sound } from "./prefs.js";
import { openContact, place } from "./router.js";
import { toast } from "./toasts.js";
import { countersOf } from "./views.js";

export interface Heard extends Notice { key: number; name: string; seen: boolean }
export const heard = signal<readonly Heard[]>([]);
let next_key = 1;

export function followNotifications(inbox: InboxClient): void {
  inbox.notifications((notice) => void take(inbox, notice));
}

async function take(inbox: InboxClient, notice: Notice): Promise<void> {
  const at_the_page = !document.hidden && document.hasFocus();
  const looking = at_the_page && place.value.contact === notice.contact;
  if (looking && notice.kind === "inbound") return;
  let name = "";
  try {
    name = (await inbox.call("contact.get", { contact: notice.contact })).contact.name;
  } catch {
    // Gone or no longer visible: the notice is worth no more.
    return;
  }
  heard.value = [{ ...notice, key: next_key++, name, seen: looking }, ...heard.value].slice(0, 30);
  if (sound.value && !looking) void beep();
  if (browser_notices.value && !at_the_page && "Notification" in window && Notification.permission === "granted") {
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

/** Asks the browser when the user turns it on, never before. Says whether it is on now. */
export async function allowNotices(on: boolean): Promise<boolean> {
  if (on && !("Notification" in window && (Notification.permission === "granted" || (await Notification.requestPermission()) === "granted"))) {
    toast("error", t("notice.denied"));
    on = false;
  }
  browser_notices.value = on;
  return on;
}

let audio: AudioContext | null = null;
async function beep(): Promise<void> {
  // Browsers let a page sound once its user has touched it; what waits for that would all sound at once.
  if (navigator.userActivation?.hasBeenActive === false) return;
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") await audio.resume();
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
    // No sound device, or the browser does not allow it.
  }
}

export function followTitle(): void {
  effect(() => {
    const unread = countersOf("mine").unread_contacts;
    const title = place.value.page === "wallboard" ? t("nav.wallboard") : t("nav.messages");
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${title} · inboxd`;
  });
}

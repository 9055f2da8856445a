// Keyboard shortcuts: one table that both works them and shows them.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { t, type Key } from "../i18n/index.js";
import { markDone, markUnread, reopen, take } from "../state/actions.js";
import { open_contact } from "../state/contact.js";
import { setDraft } from "../state/drafts.js";
import { details_open } from "../state/prefs.js";
import { openContact, openView, place } from "../state/router.js";
import { Dialog } from "./bits.js";
import { step } from "./contact_list.js";

export const shortcuts_shown = signal(false);

interface Shortcut { keys: string; label: Key; run: () => void }

const press = (testid: string): void => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)?.click();
const onContact = (run: (id: string) => void) => (): void => {
  const open = open_contact.peek();
  if (open?.contact) run(open.id);
};
const write = (mode: "reply" | "comment") => onContact((id) => {
  setDraft(id, { mode });
  requestAnimationFrame(() => document.getElementById("composer-text")?.focus());
});

export const shortcuts: readonly Shortcut[] = [
  { keys: "j", label: "shortcut.next", run: () => step(1) },
  { keys: "k", label: "shortcut.previous", run: () => step(-1) },
  { keys: "/", label: "shortcut.search", run: () => document.getElementById("search")?.focus() },
  { keys: "g m", label: "shortcut.mine", run: () => openView("mine") },
  { keys: "g u", label: "shortcut.unassigned", run: () => openView("unassigned") },
  { keys: "g a", label: "shortcut.all", run: () => openView("all") },
  { keys: "v", label: "shortcut.views", run: () => press("view-picker") },
  { keys: "r", label: "shortcut.reply", run: write("reply") },
  { keys: "c", label: "shortcut.comment", run: write("comment") },
  { keys: "t", label: "shortcut.take", run: onContact((id) => void take(id, open_contact.peek()?.contact?.team ?? null)) },
  { keys: "a", label: "shortcut.assign", run: () => press("assign") },
  { keys: "e", label: "shortcut.done", run: onContact((id) => void (open_contact.peek()?.contact?.status === "done" ? reopen(id) : markDone(id))) },
  { keys: "s", label: "shortcut.snooze", run: () => press("snooze") },
  { keys: "u", label: "shortcut.unread", run: onContact((id) => void markUnread(id)) },
  { keys: "i", label: "shortcut.details", run: () => (details_open.value = !details_open.value) },
  { keys: "Escape", label: "shortcut.close", run: () => openContact(null) },
  { keys: "?", label: "shortcut.help", run: () => (shortcuts_shown.value = true) },
];

const chord_ms = 1_000;

export function startShortcuts(): void {
  let prefix = "";
  let prefix_at = 0;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || place.value.page !== "inbox") return;
    const target = event.target as HTMLElement;
    // Keys belong to what is being written in, and to an open dialog or menu.
    if (target.closest?.("input, textarea, select, dialog, .menu-panel, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const chord = prefix && Date.now() - prefix_at < chord_ms ? `${prefix} ${event.key}` : event.key;
    prefix = "";
    const found = shortcuts.find((one) => one.keys === chord);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (shortcuts.some((one) => one.keys.startsWith(`${event.key} `))) {
      prefix = event.key;
      prefix_at = Date.now();
    }
  });
}

export function ShortcutSheet(): JSX.Element | null {
  if (!shortcuts_shown.value) return null;
  return (
    <Dialog title={t("shortcuts.title")} onClose={() => (shortcuts_shown.value = false)} testid="shortcuts">
      <dl class="keys">
        {shortcuts.map(({ keys, label }) => (
          <div key={keys}><dt>{t(label)}</dt><dd>{keys.split(" ").map((key) => <kbd key={key}>{key === "Escape" ? "Esc" : key}</kbd>)}</dd></div>
        ))}
        <div><dt>{t("shortcut.send")}</dt><dd><kbd>Enter</kbd></dd></div>
        <div><dt>{t("shortcut.line")}</dt><dd><kbd>Shift</kbd><kbd>Enter</kbd></dd></div>
        <div><dt>{t("shortcut.canned")}</dt><dd><kbd>/</kbd></dd></div>
        <div><dt>{t("shortcut.mention")}</dt><dd><kbd>@</kbd></dd></div>
      </dl>
    </Dialog>
  );
}

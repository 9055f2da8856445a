// Small parts that everything is made of: avatar, button, badge, menu, dialog.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChannelKind, Counters, MessageStatus } from "@inboxd/client";
import { number, t, word } from "../i18n/index.js";
import { hueOf, initials } from "../lib/format.js";
import { ChannelIcon, Icon, type IconName } from "./icons.js";

export function Avatar({ id, name, kind, size = "m" }: { id: string; name: string; kind?: ChannelKind | null; size?: "s" | "m" | "l" }): JSX.Element {
  return (
    <span class={`avatar avatar-${size} hue-${hueOf(id)}`} aria-hidden="true">
      {initials(name)}
      {kind ? <span class={`avatar-channel kind-${kind}`}><ChannelIcon kind={kind} size={12} /></span> : null}
    </span>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick?: (event: MouseEvent) => void;
  class?: string;
  pressed?: boolean;
  disabled?: boolean;
  shortcut?: string;
  testid?: string;
}
export function IconButton({ icon, label, onClick, class: cls, pressed, disabled, shortcut, testid }: IconButtonProps): JSX.Element {
  return (
    <button type="button" class={`icon-button ${cls ?? ""}`} aria-label={label} title={shortcut ? `${label} (${shortcut})` : label}
      aria-pressed={pressed} disabled={disabled} onClick={onClick} data-testid={testid}>
      <Icon name={icon} />
    </button>
  );
}

/** The number of contacts, highlighted when unread is among them. */
export function CountBadge({ counters }: { counters: Counters }): JSX.Element {
  const unread = counters.unread_contacts > 0;
  return (
    <span class={`badge ${unread ? "badge-unread" : ""}`} data-testid="badge">
      <span aria-hidden="true">{compact(counters.contacts)}</span>
      <span class="sr-only">
        {t("count.contacts", { n: counters.contacts })}
        {unread ? `, ${t("count.unread", { n: counters.unread_contacts })}` : ""}
      </span>
    </span>
  );
}
const compact = (n: number): string => (n > 99_999 ? `${number(Math.floor(n / 1000))}k` : number(n));

const status_icons: Record<MessageStatus, IconName> = { pending: "clock", sent: "check", delivered: "check2", read: "check2", failed: "warn" };
export function StatusIcon({ status }: { status: MessageStatus }): JSX.Element {
  const name = word("status", status);
  return (
    <span class={`status status-${status}`} title={name} data-testid="status" data-status={status}>
      <Icon name={status_icons[status]} size={16} />
      <span class="sr-only">{name}</span>
    </span>
  );
}

// ---- menu ---------------------------------------------------------------------------------------------------------

interface MenuProps {
  label: string;
  icon?: IconName;
  /** What the button shows; the label alone names it when absent. */
  face?: ComponentChildren;
  class?: string;
  align?: "start" | "end";
  up?: boolean;
  children: (close: () => void) => ComponentChildren;
  testid?: string;
  disabled?: boolean;
  shortcut?: string;
  onOpen?: () => void;
}

/** Between a panel and the edge of the screen, px. */
const screen_edge = 8;

/** A button that opens a panel under it: closes on Escape, on a click elsewhere, and when focus leaves it. */
export function Menu({ label, icon, face, class: cls, align = "end", up, children, testid, disabled, shortcut, onOpen }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const panel_id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    if (root.current?.contains(document.activeElement)) button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return;
    const panel = root.current?.querySelector<HTMLElement>(".menu-panel");
    const first = panel?.querySelector<HTMLElement>("input, [data-autofocus]") ?? panel?.querySelector<HTMLElement>("button:not(:disabled)");
    first?.focus({ preventScroll: true });
    // Wherever its button stands, all of it is on the screen.
    if (panel) {
      const { left, right } = panel.getBoundingClientRect();
      const shift = left < screen_edge ? screen_edge - left : Math.min(0, innerWidth - screen_edge - right);
      if (shift !== 0) panel.style.translate = `${shift}px 0`;
    }
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      close();
    }
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const items = [...(root.current?.querySelectorAll<HTMLElement>(".menu-panel input, .menu-panel button:not(:disabled)") ?? [])];
      const at = items.indexOf(document.activeElement as HTMLElement);
      const to = items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length];
      if (to) {
        event.preventDefault();
        to.focus();
      }
    }
  };
  return (
    <div class={`menu ${cls ?? ""}`} ref={root} onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        if (open && event.relatedTarget && !root.current?.contains(event.relatedTarget as Node)) setOpen(false);
      }}>
      <button ref={button} type="button" class={face ? "menu-face" : "icon-button"} aria-haspopup="true" aria-expanded={open}
        aria-controls={open ? panel_id : undefined} aria-label={face ? undefined : label} disabled={disabled}
        title={shortcut ? `${label} (${shortcut})` : label} data-testid={testid}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}>
        {face ?? (icon ? <Icon name={icon} /> : label)}
      </button>
      {open ? (
        <div class={`menu-panel menu-${align} ${up ? "menu-up" : ""}`} id={panel_id} role="group" aria-label={label}>{children(close)}</div>
      ) : null}
    </div>
  );
}

interface MenuItemProps {
  icon?: IconName;
  label: ComponentChildren;
  hint?: ComponentChildren;
  onClick: () => void;
  danger?: boolean;
  checked?: boolean;
  testid?: string;
}
export function MenuItem({ icon, label, hint, onClick, danger, checked, testid }: MenuItemProps): JSX.Element {
  return (
    <button type="button" class={`menu-item ${danger ? "danger" : ""}`} onClick={onClick} data-testid={testid} aria-pressed={checked}>
      {icon ? <Icon name={icon} size={18} /> : null}
      <span class="menu-label">{label}</span>
      {hint !== undefined ? <span class="menu-hint">{hint}</span> : null}
      {checked ? <Icon name="check" size={16} /> : null}
    </button>
  );
}

// ---- dialog -------------------------------------------------------------------------------------------------------

interface DialogProps { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean; testid?: string }

/** A modal dialog; the browser keeps focus in it and gives it back. */
export function Dialog({ title, onClose, children, wide, testid }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const title_id = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} class={`dialog ${wide ? "dialog-wide" : ""}`} aria-labelledby={title_id} data-testid={testid} onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) element.current?.close();
      }}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={title_id}>{title}</h2>
          <IconButton icon="close" label={t("close")} onClick={() => element.current?.close()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function Field({ label, hint, error, children }: { label: string; hint?: string; error?: string | null; children: (id: string) => JSX.Element }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {hint ? <p class="field-hint">{hint}</p> : null}
      {error ? <p class="field-error" role="alert">{error}</p> : null}
    </div>
  );
}

export function Empty({ icon, title, text }: { icon: IconName; title: string; text?: string }): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-icon"><Icon name={icon} size={28} /></span>
      <p class="empty-title">{title}</p>
      {text ? <p class="empty-text">{text}</p> : null}
    </div>
  );
}

// The side menu: the pages, what calls for one, presence, and the page's own settings.
import type { JSX } from "preact";
import type { PresenceStatus } from "@inboxd/client";
import { languageName, languages, t, word } from "../i18n/index.js";
import { formatRowTime } from "../lib/format.js";
import { agentName, my_presence, presence } from "../state/directory.js";
import { allowNotices, heard, markSeen } from "../state/notifications.js";
import { browser_notices, chosen_language, sound, theme, type Theme } from "../state/prefs.js";
import { go, openContact, openView, place } from "../state/router.js";
import { inbox, me, role, session, signOut } from "../state/session.js";
import { attempt } from "../state/toasts.js";
import { countersOf } from "../state/views.js";
import { Avatar, Menu, MenuItem } from "./bits.js";
import { Icon } from "./icons.js";
import { shortcuts_shown } from "./shortcuts.js";

export function Nav(): JSX.Element {
  const unread = countersOf("mine").unread_contacts;
  const { page } = place.value;
  const unseen = heard.value.filter((one) => !one.seen).length;
  return (
    <nav class="nav" aria-label={t("nav.label")}>
      <img class="nav-logo" src="/icon.svg" width="30" height="30" alt="inboxd" />
      <button type="button" class="nav-item" aria-current={page === "inbox" ? "page" : undefined} onClick={() => (page === "inbox" ? openView("mine") : go({ page: "inbox" }))} data-testid="nav-messages">
        <Icon name="inbox" size={22} /><span>{t("nav.messages")}</span>
        {unread > 0 ? <span class="nav-badge"><span aria-hidden="true">{unread > 99 ? "99+" : unread}</span><span class="sr-only">{t("count.unread", { n: unread })}</span></span> : null}
      </button>
      <button type="button" class="nav-item" aria-current={page === "wallboard" ? "page" : undefined} onClick={() => go({ page: "wallboard", contact: null })} data-testid="nav-wallboard">
        <Icon name="chart" size={22} /><span>{t("nav.wallboard")}</span>
      </button>
      <span class="nav-space" />
      <Menu label={t("nav.notices")} up align="start" class="nav-menu" testid="notices" onOpen={markSeen} face={
        <span class="nav-face"><Icon name="bell" size={22} /><span class="sr-only">{t("nav.notices")}</span>
          {unseen > 0 ? <span class="nav-badge"><span aria-hidden="true">{unseen}</span><span class="sr-only">{t("notice.unseen", { n: unseen })}</span></span> : null}</span>}>
        {(close) => (
          <div class="notices">
            <p class="menu-title">{t("nav.notices")}</p>
            <div class="menu-scroll">
              {heard.value.map((one) => (
                <MenuItem key={one.key} icon={one.kind === "inbound" ? "mail" : one.kind === "mention" ? "note" : "user"} hint={formatRowTime(one.at)}
                  label={<span class="notice"><strong>{one.name}</strong><span>{word("notice", one.kind)}</span></span>} onClick={() => {
                    close();
                    openContact(one.contact);
                  }} />
              ))}
              {heard.value.length === 0 ? <p class="menu-none">{t("notice.none")}</p> : null}
            </div>
            <label class="check"><input type="checkbox" checked={sound.value} data-testid="notice-sound" onChange={(e) => (sound.value = e.currentTarget.checked)} />{t("notice.sound")}</label>
            <label class="check"><input type="checkbox" checked={browser_notices.value} data-testid="notice-browser" onChange={({ currentTarget: box }) => {
              void allowNotices(box.checked).then((on) => (box.checked = on)); // refused: nothing has changed that would draw it anew
            }} />{t("notice.browser")}</label>
          </div>
        )}
      </Menu>
      <Menu label={t("nav.settings")} up align="start" class="nav-menu" testid="settings" face={
        <span class="nav-face"><Icon name={theme.value === "light" ? "sun" : "moon"} size={22} /><span class="sr-only">{t("nav.settings")}</span></span>}>
        {() => (
          <>
            <p class="menu-title">{t("settings.theme")}</p>
            {(["system", "light", "dark"] as Theme[]).map((one) => <MenuItem key={one} label={word("theme", one)} checked={theme.value === one} onClick={() => (theme.value = one)} testid={`theme-${one}`} />)}
            <p class="menu-title">{t("settings.language")}</p>
            {languages.map((code) => <MenuItem key={code} label={<span lang={code}>{languageName(code)}</span>} checked={chosen_language.value === code} onClick={() => (chosen_language.value = code)} testid={`language-${code}`} />)}
          </>
        )}
      </Menu>
      <button type="button" class="nav-item nav-help" onClick={() => (shortcuts_shown.value = true)} title={`${t("shortcuts.title")} (?)`} data-testid="nav-help">
        <Icon name="help" size={22} /><span class="sr-only">{t("shortcuts.title")}</span>
      </button>
      <PresenceMenu />
    </nav>
  );
}

function PresenceMenu(): JSX.Element {
  const name = agentName(me.value);
  const set = (status: PresenceStatus): void => {
    presence.value = { ...presence.value, [me.value]: status };
    void attempt(inbox().call("presence.set", { status }));
  };
  return (
    <Menu label={t("presence.label", { status: word("presence", my_presence.value) })} up align="start" class="nav-menu" testid="presence" face={
      <span class="nav-face presence-face"><Avatar id={me.value} name={name || "?"} size="m" /><span class={`dot dot-${my_presence.value}`} data-testid="presence-dot" data-status={my_presence.value} />
        <span class="sr-only">{t("presence.label", { status: word("presence", my_presence.value) })}</span></span>}>
      {(close) => (
        <>
          <p class="menu-who"><strong>{name}</strong><span class="muted">{word("role", role.value)} · {session.value?.workspace}</span></p>
          {(["online", "busy", "offline"] as PresenceStatus[]).map((status) => (
            <MenuItem key={status} label={<span class="presence-option"><span class={`dot dot-${status}`} />{word("presence", status)}</span>} checked={my_presence.value === status}
              testid={`presence-${status}`} onClick={() => {
                close();
                set(status);
              }} />
          ))}
          <MenuItem icon="exit" label={t("nav.sign_out")} onClick={signOut} testid="sign-out" />
          <p class="menu-none">{session.value ? `${session.value.server.name} ${session.value.server.version}` : ""}</p>
        </>
      )}
    </Menu>
  );
}

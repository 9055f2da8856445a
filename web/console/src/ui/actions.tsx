// What can be done with the open conversation: assign, done, snooze, and what is rarer under "more".
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Contact, Hit, Row } from "@inboxd/client";
import { t } from "../i18n/index.js";
import { engineNow, formatMoment, formatTime, now } from "../lib/format.js";
import { snoozePresets, toLocalInput } from "../lib/snooze.js";
import * as act from "../state/actions.js";
import { agentName, agentOrMe, agents, presence, teamName, teams } from "../state/directory.js";
import { list } from "../state/list.js";
import { find, search_there } from "../state/search.js";
import { me } from "../state/session.js";
import { Avatar, Dialog, Field, Menu, MenuItem } from "./bits.js";
import { Icon } from "./icons.js";

export const asked_action = signal<"done_note" | "own_snooze" | "merge" | "block" | null>(null);

export function ConversationActions({ contact }: { contact: Contact }): JSX.Element {
  const snoozed = contact.snoozed_until != null && contact.snoozed_until > now.value;
  return (
    <div class="actions" role="toolbar" aria-label={t("actions.label")}>
      <AssignMenu contact={contact} />
      <SnoozeMenu contact={contact} snoozed={snoozed} />
      <MoreMenu contact={contact} />
      {contact.status === "done" ? (
        <button type="button" class="button" onClick={() => void act.reopen(contact.id)} title={`${t("action.reopen")} (E)`} data-testid="reopen"><Icon name="reopen" size={17} />{t("action.reopen")}</button>
      ) : (
        <span class="split">
          <button type="button" class="button primary" onClick={() => void act.markDone(contact.id)} title={`${t("action.done")} (E)`} aria-label={t("action.done")} data-testid="done">
            <Icon name="check" size={17} /><span class="wide-only">{t("action.done")}</span><span class="narrow-only" aria-hidden="true">{t("row.done")}</span>
          </button>
          <Menu label={t("action.done_more")} icon="down" class="split-menu" testid="done-more">
            {(close) => <MenuItem icon="note" label={t("action.done_note")} onClick={() => {
              close();
              asked_action.value = "done_note";
            }} testid="done-note" />}
          </Menu>
        </span>
      )}
      <ActionDialogs contact={contact} />
    </div>
  );
}

function AssignMenu({ contact }: { contact: Contact }): JSX.Element {
  const [query, setQuery] = useState("");
  const who = contact.assignee ? agentOrMe(contact.assignee) : contact.team ? teamName(contact.team) : t("action.assign");
  const wanted = query.trim().toLocaleLowerCase();
  const match = (...words: string[]): boolean => words.some((w) => w.toLocaleLowerCase().includes(wanted));
  const order = { online: 0, busy: 1, offline: 2 };
  const found_agents = [...agents.value.values()]
    .filter((a) => match(a.name, a.id))
    .sort((a, b) => order[presence.value[a.id] ?? "offline"] - order[presence.value[b.id] ?? "offline"] || a.name.localeCompare(b.name));
  const found_teams = [...teams.value.values()].filter((team) => match(team.name, team.id));
  return (
    <Menu label={`${t("action.assign")}: ${who}`} testid="assign" class="assign-menu" shortcut="A" onOpen={() => setQuery("")}
      face={<>
        {contact.assignee ? <Avatar id={contact.assignee} name={agentName(contact.assignee)} size="s" /> : <Icon name={contact.team ? "team" : "user"} size={17} />}
        <span class="sr-only">{t("action.assign")}: </span><span class="face-text">{who}</span><Icon name="down" size={15} />
      </>}>
      {(close) => (
        <>
          <div class="menu-search"><Icon name="search" size={16} />
            <input type="search" aria-label={t("assign.search")} placeholder={t("assign.search")} value={query} data-testid="assign-search"
              onInput={(event) => setQuery(event.currentTarget.value)}
              onKeyDown={(event) => {
                const only = found_agents[0];
                if (event.key === "Enter" && wanted && only) {
                  close();
                  void act.assign(contact.id, only.id, contact.team ?? null);
                }
              }} />
          </div>
          {contact.assignee !== me.value && !wanted ? (
            <MenuItem icon="user" label={t("action.take")} hint="T" testid="take" onClick={() => {
              close();
              void act.take(contact.id, contact.team ?? null);
            }} />
          ) : null}
          {(contact.assignee || contact.team) && !wanted ? (
            <MenuItem icon="close" label={t("action.unassign")} testid="unassign" onClick={() => {
              close();
              void act.assign(contact.id, null);
            }} />
          ) : null}
          <div class="menu-scroll">
            {found_teams.length > 0 ? <p class="menu-title">{t("teams")}</p> : null}
            {found_teams.map((team) => (
              <MenuItem key={team.id} icon="team" label={team.name} checked={contact.team === team.id} onClick={() => {
                close();
                void act.assign(contact.id, null, team.id);
              }} />
            ))}
            {found_agents.length > 0 ? <p class="menu-title">{t("agents")}</p> : null}
            {found_agents.map((agent) => (
              <MenuItem key={agent.id} checked={contact.assignee === agent.id} testid={`assign-${agent.id}`}
                label={<span class="menu-agent"><Avatar id={agent.id} name={agent.name} size="s" />{agent.name}</span>}
                hint={<span class={`dot dot-${presence.value[agent.id] ?? "offline"}`} />}
                onClick={() => {
                  close();
                  void act.assign(contact.id, agent.id, contact.team ?? null);
                }} />
            ))}
            {found_agents.length + found_teams.length === 0 ? <p class="menu-none">{t("nothing_found")}</p> : null}
          </div>
        </>
      )}
    </Menu>
  );
}

function SnoozeMenu({ contact, snoozed }: { contact: Contact; snoozed: boolean }): JSX.Element {
  return (
    <Menu label={snoozed ? t("action.snoozed", { when: formatMoment(contact.snoozed_until!) }) : t("action.snooze")} icon="alarm" testid="snooze" shortcut="S"
      class={snoozed ? "is-snoozed" : ""} disabled={contact.status === "done"}>
      {(close) => (
        <>
          {snoozed ? <MenuItem icon="sun" label={t("action.wake")} hint={formatMoment(contact.snoozed_until!)} testid="wake" onClick={() => {
            close();
            void act.wake(contact.id);
          }} /> : null}
          {snoozePresets(engineNow()).map(({ key, until }) => (
            <MenuItem key={key} icon="alarm" label={t(`snooze.${key}`)} hint={key === "later" ? formatTime(until) : formatMoment(until)} testid={`snooze-${key}`}
              onClick={() => {
                close();
                void act.snooze(contact.id, until, true);
              }} />
          ))}
          <MenuItem icon="clock" label={t("snooze.own")} testid="snooze-own" onClick={() => {
            close();
            asked_action.value = "own_snooze";
          }} />
        </>
      )}
    </Menu>
  );
}

function MoreMenu({ contact }: { contact: Contact }): JSX.Element {
  return (
    <Menu label={t("actions.more")} icon="more" testid="more">
      {(close) => {
        const then = (run: () => void) => (): void => {
          close();
          run();
        };
        return (
          <>
            <MenuItem icon="mail" label={t("action.unread")} hint="U" testid="mark-unread" onClick={then(() => void act.markUnread(contact.id))} />
            <MenuItem icon="merge" label={t("action.merge")} testid="merge" onClick={then(() => (asked_action.value = "merge"))} />
            {contact.blocked
              ? <MenuItem icon="block" label={t("action.unblock")} testid="unblock" onClick={then(() => void act.unblock(contact.id))} />
              : <MenuItem icon="block" danger label={t("action.block")} testid="block" onClick={then(() => (asked_action.value = "block"))} />}
          </>
        );
      }}
    </Menu>
  );
}

function ActionDialogs({ contact }: { contact: Contact }): JSX.Element | null {
  const close = (): void => void (asked_action.value = null);
  switch (asked_action.value) {
    case "done_note": return <DoneDialog contact={contact} close={close} />;
    case "own_snooze": return <SnoozeDialog contact={contact} close={close} />;
    case "merge": return <MergeDialog contact={contact} close={close} />;
    case "block": return (
      <Dialog title={t("block.title", { name: contact.name })} onClose={close}>
        <p>{t("block.text")}</p>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={close}>{t("cancel")}</button>
          <button type="button" class="button danger" data-testid="block-confirm" onClick={() => {
            close();
            void act.block(contact.id);
          }}>{t("action.block")}</button>
        </footer>
      </Dialog>
    );
    default: return null;
  }
}

interface ForContact { contact: Contact; close: () => void }

function DoneDialog({ contact, close }: ForContact): JSX.Element {
  const [category, setCategory] = useState("");
  const [summary, setSummary] = useState("");
  return (
    <Dialog title={t("action.done_note")} onClose={close} testid="done-dialog">
      <form onSubmit={(event) => {
        event.preventDefault();
        close();
        void act.markDone(contact.id, { category: category.trim(), summary: summary.trim() });
      }}>
        <Field label={t("note.category")}>{(id) => <input id={id} value={category} onInput={(e) => setCategory(e.currentTarget.value)} list="note-categories" />}</Field>
        <datalist id="note-categories">{["resolved", "sale", "complaint", "spam"].map((key) => <option key={key} value={t(`note.${key}` as "note.sale")} />)}</datalist>
        <Field label={t("note.summary")}>{(id) => <textarea id={id} rows={4} value={summary} onInput={(e) => setSummary(e.currentTarget.value)} />}</Field>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={close}>{t("cancel")}</button>
          <button type="submit" class="button primary" data-testid="done-confirm">{t("action.done")}</button>
        </footer>
      </form>
    </Dialog>
  );
}

function SnoozeDialog({ contact, close }: ForContact): JSX.Element {
  const [until, setUntil] = useState(toLocalInput(engineNow() + 3_600_000));
  const [wakes, setWakes] = useState(true);
  const at = new Date(until).getTime();
  const good = at > engineNow();
  return (
    <Dialog title={t("snooze.own")} onClose={close}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (!good) return;
        close();
        void act.snooze(contact.id, at, wakes);
      }}>
        <Field label={t("snooze.until")} error={good ? null : t("snooze.past")}>
          {(id) => <input id={id} type="datetime-local" value={until} min={toLocalInput(engineNow())} onInput={(e) => setUntil(e.currentTarget.value)} />}
        </Field>
        <label class="check"><input type="checkbox" checked={wakes} onChange={(e) => setWakes(e.currentTarget.checked)} />{t("snooze.wake_on_inbound")}</label>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={close}>{t("cancel")}</button>
          <button type="submit" class="button primary" disabled={!good}>{t("action.snooze")}</button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Picks the contact that goes into this one: by search where there is one, else from the list at hand. */
function MergeDialog({ contact, close }: ForContact): JSX.Element {
  const [query, setQuery] = useState("");
  const [answer, setAnswer] = useState<{ query: string; hits: readonly Hit[] }>({ query: "", hits: [] });
  const [chosen, setChosen] = useState<Row | null>(null);
  useEffect(() => {
    if (!search_there.value || query.trim().length < 2) return;
    let stale = false;
    const timer = setTimeout(() => void find({ query }).then((found) => {
      if (!stale) setAnswer({ query, hits: found.contacts });
    }).catch(() => undefined), 200);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [query]);
  const wanted = query.trim().toLocaleLowerCase();
  const local = list.value.rows.filter((row) => row.name.toLocaleLowerCase().includes(wanted));
  // What was found for other words is no option: a row under the pointer must not be somebody else's.
  const hits = answer.query === query ? answer.hits : [];
  const options = (hits.length > 0 ? hits.map((hit) => hit.contact) : local).filter((row) => row.id !== contact.id).slice(0, 8);
  return (
    <Dialog title={t("merge.title", { name: contact.name })} onClose={close}>
      <p class="muted">{t("merge.text")}</p>
      <Field label={t("merge.search")}>{(id) => <input id={id} type="search" value={query} onInput={(e) => {
        setQuery(e.currentTarget.value);
        setChosen(null);
      }} />}</Field>
      <div class="pick-list">
        {options.map((row) => (
          <button type="button" key={row.id} class="pick" aria-pressed={chosen?.id === row.id} onClick={() => setChosen(row)}>
            <Avatar id={row.id} name={row.name} kind={row.channel_kind ?? null} size="s" /><span>{row.name}</span><span class="muted">{row.last_message?.preview}</span>
          </button>
        ))}
        {options.length === 0 ? <p class="menu-none">{t("nothing_found")}</p> : null}
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={close}>{t("cancel")}</button>
        <button type="button" class="button danger" disabled={!chosen} onClick={() => {
          if (!chosen) return;
          close();
          void act.merge(contact.id, chosen.id);
        }}>{t("action.merge")}</button>
      </footer>
    </Dialog>
  );
}

// The middle of the page: who one is talking to, what was said, what can be answered.
import type { JSX } from "preact";
import { t, word } from "../i18n/index.js";
import { formatMoment, now } from "../lib/format.js";
import { open_contact, type OpenContact } from "../state/contact.js";
import { agentName, channelName } from "../state/directory.js";
import { details_open } from "../state/prefs.js";
import { openContact } from "../state/router.js";
import { me } from "../state/session.js";
import { Avatar, Empty, IconButton } from "./bits.js";
import { Composer } from "./composer.js";
import { ConversationActions } from "./actions.js";
import { ChannelIcon, Icon } from "./icons.js";
import { Timeline } from "./timeline.js";

export function Conversation(): JSX.Element {
  const open = open_contact.value;
  if (!open) {
    return <section class="conversation conversation-none" aria-label={t("conversation.label")}><Empty icon="inbox" title={t("conversation.none")} text={t("conversation.none_text")} /></section>;
  }
  return (
    <section class="conversation" aria-label={t("conversation.label")} data-testid="conversation" data-contact={open.id}>
      <Head open={open} />
      {open.phase === "ended" ? <EndedNote open={open} /> : (
        <>
          <Timeline open={open} />
          <Composer open={open} key={open.id} />
        </>
      )}
    </section>
  );
}

function Head({ open }: { open: OpenContact }): JSX.Element {
  const contact = open.contact;
  const name = contact?.name || (contact ? t("contact.nameless") : "…");
  const others = open.viewers.filter((id) => id !== me.value);
  const snoozed = contact?.snoozed_until != null && contact.snoozed_until > now.value;
  return (
    <header class="conversation-head">
      <IconButton icon="left" label={t("back")} class="phone-only" onClick={() => openContact(null)} testid="back" />
      {contact ? <Avatar id={contact.id} name={name} /> : null}
      <div class="head-who">
        <h2 data-testid="contact-name">{name}</h2>
        {contact ? (
          <p class="head-line">
            {contact.channel && contact.channel_kind ? <span class="head-channel" title={channelName(contact.channel)}><ChannelIcon kind={contact.channel_kind} /><span>{channelName(contact.channel)}</span></span> : null}
            <span class={`state state-${contact.status}`} data-testid="contact-status">{word("state", contact.status)}</span>
            {snoozed ? <span class="state state-snoozed"><Icon name="alarm" size={13} />{formatMoment(contact.snoozed_until!)}</span> : null}
            {contact.blocked ? <span class="state state-blocked">{t("row.blocked")}</span> : null}
            {others.length > 0 ? <span class="also" data-testid="also-viewing"><Icon name="eye" size={14} /><span>{t("also_viewing", { n: others.length, who: others.map(agentName).join(", ") })}</span></span> : null}
          </p>
        ) : null}
      </div>
      {contact ? <ConversationActions contact={contact} /> : null}
      <IconButton icon="panel" label={t("details.toggle")} pressed={details_open.value} shortcut="I" testid="details-toggle"
        onClick={() => (details_open.value = !details_open.value)} />
    </header>
  );
}

function EndedNote({ open }: { open: OpenContact }): JSX.Element {
  const reason = open.error?.reason ?? open.ended?.reason ?? "closed";
  return <Empty icon="eye" title={t("conversation.gone")} text={word("gone", reason) === reason ? word("error", reason) : word("gone", reason)} />;
}

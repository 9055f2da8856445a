// What a channel allows and reports, from the engine's one table: beside the composer, in a contact's channels, in call-outs.
import type { JSX } from "preact";
import type { ChannelRules, MessageStatus } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { formatDuration, formatList } from "../lib/format.js";
import { StatusIcon } from "./bits.js";

const names = (statuses: readonly MessageStatus[]): string => formatList(statuses.map((status) => word("status", status).toLocaleLowerCase()));
const order: readonly MessageStatus[] = ["sent", "delivered", "read", "failed"];
const reported = (rules: ChannelRules): MessageStatus[] => order.filter((status) => rules.statuses.includes(status));

/** How far one will know what became of a message, as the icons that it may show. */
export function Coverage({ rules }: { rules: ChannelRules }): JSX.Element {
  return (
    <span class="coverage" title={t("channel.reports", { statuses: names(reported(rules)) })} data-testid="coverage">
      <span class="sr-only">{t("channel.reports", { statuses: names(reported(rules)) })}</span>
      <span class="coverage-icons" aria-hidden="true">{reported(rules).filter((status) => status !== "failed").map((status) => <StatusIcon key={status} status={status} />)}</span>
    </span>
  );
}

/** The statuses that a message through this channel will never show; null: it may show all. */
export function unreported(rules: ChannelRules | null): string | null {
  if (!rules) return null;
  const missing = order.filter((status) => !rules.statuses.includes(status));
  return missing.length > 0 ? names(missing) : null;
}

/** Window and coverage in words. */
export function RulesText({ rules }: { rules: ChannelRules }): JSX.Element {
  const window = [
    rules.window_ms > 0 ? t("channel.window", { time: formatDuration(rules.window_ms) }) : t("channel.no_window"),
    rules.tagged_window_ms > rules.window_ms && rules.window_ms > 0 ? t("channel.tagged", { time: formatDuration(rules.tagged_window_ms) }) : "",
    rules.templates ? t("channel.templates") : "",
    rules.must_have_written ? t("channel.must_have_written") : "",
    rules.sends_per_inbound > 0 ? t("channel.per_inbound", { n: rules.sends_per_inbound }) : "",
  ].filter(Boolean).join("; ");
  return <span class="muted rules" data-testid="channel-rules">{window}. {t("channel.reports", { statuses: names(reported(rules)) })}.</span>;
}

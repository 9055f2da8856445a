// Makes or changes a custom view: its name, who sees it, its order, and its filter.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { InboxError, type Filter, type FilterOp, type Sort, type ViewInfo, type Visibility } from "@inboxd/client";
import { t, word } from "../i18n/index.js";
import { BadCondition, conditionAt, filter_fields, fromFilter, isRelative, needsValue, ops_of, toFilter, typeOfCustom, type Condition, type ConditionPart, type FieldType } from "../lib/filter.js";
import { agents, channels, fields, teams } from "../state/directory.js";
import { openView } from "../state/router.js";
import { inbox, is_manager } from "../state/session.js";
import { attempt, explain } from "../state/toasts.js";
import { reloadViews, sortName } from "../state/views.js";
import { Dialog, Field, IconButton } from "./bits.js";
import { Icon } from "./icons.js";

/** "new", or the view to change. */
export const edited_view = signal<"new" | ViewInfo | null>(null);

export const sorts: readonly Sort[] = ["newest", "oldest", "longest_waiting", "unread_first", "priority"];
const kinds = ["whatsapp", "messenger", "instagram", "telegram", "line", "viber", "wechat", "sms", "email", "webchat", "custom"];
const priorities = ["none", "low", "medium", "high", "urgent"];

function fieldType(field: string): FieldType {
  if (field.startsWith("fields.")) return typeOfCustom(fields.value.find((f) => `fields.${f.id}` === field)?.type ?? "text");
  return filter_fields[field] ?? "text";
}
function fieldLabel(field: string): string {
  if (field.startsWith("fields.")) return fields.value.find((f) => `fields.${f.id}` === field)?.name ?? field;
  return word("field", field);
}

/** The values that a field can have, where they are few: id and name. */
function choices(field: string): ReadonlyArray<readonly [string, string]> | null {
  switch (field) {
    case "status": return (["open", "done"] as const).map((s) => [s, word("state", s)] as const);
    case "assignee": return [["$me", t("filter.me")], ...[...agents.value.values()].map((a) => [a.id, a.name] as const)];
    case "team": return [...teams.value.values()].map((team) => [team.id, team.name] as const);
    case "channel": return [...channels.value.values()].map((c) => [c.id, c.name] as const);
    case "channel_kind": return kinds.map((kind) => [kind, word("kind", kind)] as const);
    case "priority": return priorities.map((level) => [level, word("priority", level)] as const);
    case "snoozed": case "blocked": return [["true", t("yes")], ["false", t("no")]];
    default: return fieldType(field) === "boolean" ? [["true", t("yes")], ["false", t("no")]] : null;
  }
}
const single = new Set<FilterOp>(["eq", "ne", "gt", "lt"]);
function firstValue(field: string, op: FilterOp): string {
  return single.has(op) ? (choices(field)?.[0]?.[0] ?? "") : isRelative(op) ? "30" : "";
}

export function ViewEditor(): JSX.Element | null {
  const edited = edited_view.value;
  return edited ? <Editor key={edited === "new" ? "new" : edited.view} edited={edited === "new" ? null : edited} /> : null;
}

const first_condition: Condition = { field: "status", op: "eq", value: "open" };

function Editor({ edited }: { edited: ViewInfo | null }): JSX.Element {
  const start = edited?.filter ? fromFilter(edited.filter) : { match: "all" as const, conditions: [first_condition] };
  const [name, setName] = useState(edited?.name ?? "");
  const [visibility, setVisibility] = useState<Visibility>(edited?.visibility ?? "private");
  const [sort, setSort] = useState<Sort>(edited?.sort ?? "newest");
  const [match, setMatch] = useState(start?.match ?? "all");
  const [conditions, setConditions] = useState<Condition[]>(start?.conditions ?? []);
  const [raw, setRaw] = useState<string | null>(start ? null : JSON.stringify(edited?.filter, null, 2));
  const [error, setError] = useState<string | null>(null);
  const [bad, setBad] = useState<Bad | null>(null);
  const close = (): void => void (edited_view.value = null);

  const change = (at: number, next: Partial<Condition>): void => {
    setConditions(conditions.map((c, i) => (i === at ? { ...c, ...next } : c)));
    setBad(null);
  };
  const save = async (): Promise<void> => {
    setError(null);
    setBad(null);
    if (name.trim() === "") return setError(t("view_editor.no_name"));
    let filter: Filter;
    try {
      filter = raw === null ? toFilter({ match, conditions }, fieldType) : (JSON.parse(raw) as Filter);
    } catch (problem) {
      if (!(problem instanceof BadCondition)) return setError(t("view_editor.bad_json"));
      return setBad({ index: problem.index, part: "value", why: t("view_editor.bad_value") });
    }
    const made = { name: name.trim(), filter, sort, visibility };
    try {
      const view = edited ? (await inbox().call("view.update", { view: edited.view, ...made }), edited.view) : (await inbox().call("view.create", made)).view;
      reloadViews(inbox());
      close();
      openView(view);
    } catch (refusal) {
      refuse(refusal);
    }
  };
  /** What the engine says of one condition stands at that condition; of a filter written as JSON, it names the node. */
  const refuse = (refusal: unknown): void => {
    const { field = "", message } = refusal instanceof InboxError ? refusal : { message: "" };
    const at = raw === null ? conditionAt(field) : null;
    if (at && at.index < conditions.length) setBad({ ...at, why: message });
    else setError(field.startsWith("filter") ? t("view_editor.bad_node", { node: field, why: message }) : explain(refusal));
  };
  const remove = async (): Promise<void> => {
    if (!edited || !(await attempt(inbox().call("view.delete", { view: edited.view })))) return;
    reloadViews(inbox());
    close();
    openView("mine");
  };

  return (
    <Dialog title={edited ? t("view_editor.edit") : t("view_editor.new")} onClose={close} wide testid="view-editor">
      <form onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}>
        <div class="two">
          <Field label={t("view_editor.name")}>{(id) => <input id={id} value={name} onInput={(e) => setName(e.currentTarget.value)} data-testid="view-name" />}</Field>
          <Field label={t("view_editor.visibility")}>{(id) => (
            <select id={id} value={visibility} onChange={(e) => setVisibility(e.currentTarget.value as Visibility)}>
              {(["private", "team", "workspace"] as const).map((v) => <option key={v} value={v} disabled={v === "workspace" && !is_manager.value}>{word("visibility", v)}</option>)}
            </select>)}</Field>
          <Field label={t("sort.label")}>{(id) => (
            <select id={id} value={sort} onChange={(e) => setSort(e.currentTarget.value as Sort)}>{sorts.map((s) => <option key={s} value={s}>{sortName(s)}</option>)}</select>)}</Field>
          {raw === null ? (
            <Field label={t("view_editor.match")}>{(id) => (
              <select id={id} value={match} onChange={(e) => setMatch(e.currentTarget.value as "all" | "any")}>
                <option value="all">{t("view_editor.all")}</option><option value="any">{t("view_editor.any")}</option>
              </select>)}</Field>
          ) : null}
        </div>
        {raw === null ? (
          <fieldset class="conditions">
            <legend>{t("view_editor.conditions")}</legend>
            {conditions.map((condition, i) => (
              <ConditionRow key={i} condition={condition} bad={bad?.index === i ? bad : null} change={(next) => change(i, next)}
                remove={() => {
                  setConditions(conditions.filter((_, at) => at !== i));
                  setBad(null);
                }} />
            ))}
            <button type="button" class="button" onClick={() => setConditions([...conditions, first_condition])} data-testid="add-condition"><Icon name="plus" size={16} />{t("view_editor.add")}</button>
          </fieldset>
        ) : (
          <Field label={t("view_editor.json")} hint={t("view_editor.json_hint")}>{(id) => <textarea id={id} class="code" rows={10} value={raw} onInput={(e) => setRaw(e.currentTarget.value)} />}</Field>
        )}
        {error ? <p class="field-error" role="alert">{error}</p> : null}
        <footer class="dialog-foot">
          {edited ? <button type="button" class="button danger push" onClick={() => void remove()}>{t("view_editor.delete")}</button> : null}
          <button type="button" class="button" onClick={close}>{t("cancel")}</button>
          <button type="submit" class="button primary" data-testid="view-save">{t("save")}</button>
        </footer>
      </form>
    </Dialog>
  );
}

/** A condition that is not accepted, what of it, and why. */
interface Bad { index: number; part: ConditionPart | null; why: string }
interface RowProps { condition: Condition; bad: Bad | null; change: (next: Partial<Condition>) => void; remove: () => void }

function ConditionRow({ condition, bad, change, remove }: RowProps): JSX.Element {
  const { field, op, value } = condition;
  const type = fieldType(field);
  const options = single.has(op) ? choices(field) : null;
  const why_id = useId();
  const wrong = (part: ConditionPart): { "aria-invalid"?: true; "aria-describedby"?: string } =>
    bad && (bad.part === null || bad.part === part) ? { "aria-invalid": true, "aria-describedby": why_id } : {};
  const all_fields = [...Object.keys(filter_fields), ...fields.value.map((f) => `fields.${f.id}`)];
  return (
    <div class="condition" data-testid="condition">
      <select aria-label={t("filter.field")} value={field} {...wrong("field")} onChange={(event) => {
        const next = event.currentTarget.value;
        const first = ops_of[fieldType(next)][0]!;
        change({ field: next, op: first, value: firstValue(next, first) });
      }}>{all_fields.map((f) => <option key={f} value={f}>{fieldLabel(f)}</option>)}</select>
      <select aria-label={t("filter.operator")} value={op} {...wrong("op")} onChange={(event) => {
        const next = event.currentTarget.value as FilterOp;
        change({ op: next, value: needsValue(next) && (single.has(next) !== single.has(op) || isRelative(next) !== isRelative(op)) ? firstValue(field, next) : value });
      }}>{ops_of[type].map((o) => <option key={o} value={o}>{word("op", o)}</option>)}</select>
      {!needsValue(op) ? <span class="condition-none" /> : options ? (
        <select aria-label={t("filter.value")} value={value} {...wrong("value")} onChange={(event) => change({ value: event.currentTarget.value })}>
          {options.map(([id, label]) => <option key={id} value={id}>{label}</option>)}
        </select>
      ) : (
        <input aria-label={isRelative(op) ? t("filter.minutes") : t("filter.value")} value={value} inputMode={isRelative(op) || type === "number" ? "decimal" : "text"}
          placeholder={isRelative(op) ? t("filter.minutes") : single.has(op) || op === "contains" || op === "starts_with" ? "" : t("filter.list")} {...wrong("value")}
          onInput={(event) => change({ value: event.currentTarget.value })} />
      )}
      <IconButton icon="close" label={t("filter.remove")} onClick={remove} />
      {bad ? <p class="field-error condition-why" id={why_id} role="alert" data-testid="condition-why">{bad.why}</p> : null}
    </div>
  );
}

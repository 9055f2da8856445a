// What a filter may say, as data (SEMANTICS S29): fields with their type, operators of a type, and what an operator takes.
// The builder edits a flat list of conditions under "all" or "any"; a filter of another form is edited as JSON.
import type { Filter, FilterOp } from "@inboxd/client";

export type FieldType = "text" | "choice" | "number" | "priority" | "time" | "boolean" | "tags";

export const filter_fields: Readonly<Record<string, FieldType>> = {
  status: "choice", assignee: "choice", team: "choice", channel: "choice", channel_kind: "choice", language: "text", country: "text",
  unread: "number", tags: "tags", priority: "priority", snoozed: "boolean", blocked: "boolean", lifecycle: "text", name: "text",
  first_name: "text", last_name: "text", phone: "text", email: "text",
  last_inbound_at: "time", last_outbound_at: "time", last_activity_at: "time",
};

const text_ops: readonly FilterOp[] = ["eq", "ne", "in", "not_in", "exists", "not_exists", "contains", "starts_with"];
export const ops_of: Readonly<Record<FieldType, readonly FilterOp[]>> = {
  text: text_ops,
  choice: ["eq", "ne", "in", "not_in", "exists", "not_exists"],
  number: ["eq", "ne", "gt", "lt", "between", "in", "not_in", "exists", "not_exists"],
  priority: ["eq", "ne", "in", "not_in", "gt", "lt", "between"],
  time: ["older_than", "newer_than", "exists", "not_exists", "gt", "lt", "between"],
  boolean: ["eq", "ne"],
  tags: ["has_any", "has_all", "has_none", "exists", "not_exists"],
};

export function typeOfCustom(type: string): FieldType {
  switch (type) {
    case "number": case "date": return "number";
    case "bool": return "boolean";
    case "list": return "tags";
    default: return "text";
  }
}

export interface Condition { field: string; op: FilterOp; value: string }
export interface Draft { match: "all" | "any"; conditions: Condition[] }

export const needsValue = (op: FilterOp): boolean => op !== "exists" && op !== "not_exists";
const takesList = (op: FilterOp): boolean => ["in", "not_in", "has_any", "has_all", "has_none", "between"].includes(op);
export const isRelative = (op: FilterOp): boolean => op === "older_than" || op === "newer_than";
const minute_ms = 60_000;

export class BadCondition extends Error {
  constructor(readonly index: number) {
    super(`condition ${index}`);
  }
}

function one(type: FieldType, text: string, index: number): unknown {
  if (type === "number" || type === "time") {
    const value = type === "time" && /\D/.test(text.trim()) ? new Date(text).getTime() : Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new BadCondition(index);
    return value;
  }
  if (type === "boolean") return text === "true";
  if (text.trim() === "") throw new BadCondition(index);
  return text.trim();
}

function valueOf(type: FieldType, { op, value }: Condition, index: number): unknown {
  if (isRelative(op)) {
    const minutes = Number(value);
    if (value.trim() === "" || !(minutes >= 0)) throw new BadCondition(index);
    return Math.round(minutes * minute_ms);
  }
  if (!takesList(op)) return one(type, value, index);
  const list = value.split(",").filter((part) => part.trim() !== "").map((part) => one(type, part, index));
  if (list.length === 0 || (op === "between" && list.length !== 2)) throw new BadCondition(index);
  return list;
}

/** What of a condition an error is about. */
export type ConditionPart = "field" | "op" | "value";

/** The condition that a path of the engine's (`filter.any[2].value`, S29) leads to; null: none of a filter of this form. */
export function conditionAt(path: string): { index: number; part: ConditionPart | null } | null {
  const found = /^filter\.(?:all|any)\[(\d+)\](?:\.(field|op|value)\b.*)?$/.exec(path);
  return found ? { index: Number(found[1]), part: (found[2] as ConditionPart | undefined) ?? null } : null;
}

export function toFilter(draft: Draft, typeOf: (field: string) => FieldType): Filter {
  const nodes: Filter[] = draft.conditions.map((condition, i) => {
    const { field, op } = condition;
    return needsValue(op) ? { field, op, value: valueOf(typeOf(field), condition, i) } : { field, op };
  });
  return draft.match === "all" ? { all: nodes } : { any: nodes };
}

function toText(op: FilterOp, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (isRelative(op)) return String(Number(value) / minute_ms);
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** The builder's form of a filter; null when it has a form that the builder cannot show. */
export function fromFilter(filter: Filter): Draft | null {
  const leaf = (node: Filter): Condition | null =>
    "field" in node ? { field: node.field, op: node.op, value: toText(node.op, node.value) } : null;
  const alone = leaf(filter);
  if (alone) return { match: "all", conditions: [alone] };
  const match = "all" in filter ? "all" : "any" in filter ? "any" : null;
  if (match === null) return null;
  const nodes = "all" in filter ? filter.all : "any" in filter ? filter.any : [];
  const conditions = nodes.map(leaf);
  return conditions.some((c) => c === null) ? null : { match, conditions: conditions as Condition[] };
}

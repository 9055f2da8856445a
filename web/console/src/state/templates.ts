// Templates that were sent from this browser, newest first: the platforms do not tell the engine which they have approved.
import { kept } from "./prefs.js";

export interface UsedTemplate { name: string; language: string; parameters: string[]; text: string }

const templates_kept = 12;
const isTemplate = (value: unknown): value is UsedTemplate => {
  const one = value as UsedTemplate | null;
  return typeof one === "object" && one !== null && [one.name, one.language, one.text].every((part) => typeof part === "string") && Array.isArray(one.parameters);
};
export const used_templates = kept<UsedTemplate[]>("templates", [], (value): value is UsedTemplate[] => Array.isArray(value) && value.every(isTemplate));

export function keepTemplate(one: UsedTemplate): void {
  const others = used_templates.value.filter((other) => other.name !== one.name || other.language !== one.language);
  used_templates.value = [one, ...others].slice(0, templates_kept);
}

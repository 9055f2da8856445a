// Canned texts: the language file brings a first set, the user's browser keeps what is added.
import { computed } from "@preact/signals";
import { t } from "../i18n/index.js";
import { kept } from "./prefs.js";

export interface Canned { name: string; text: string }

const isCannedList = (value: unknown): value is Canned[] =>
  Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && typeof (one as Canned).name === "string" && typeof (one as Canned).text === "string");

export const own_canned = kept<Canned[]>("canned", [], isCannedList);

export const canned = computed<readonly Canned[]>(() => {
  const first: Canned[] = [
    { name: t("canned.hello.name"), text: t("canned.hello.text") },
    { name: t("canned.wait.name"), text: t("canned.wait.text") },
    { name: t("canned.data.name"), text: t("canned.data.text") },
    { name: t("canned.bye.name"), text: t("canned.bye.text") },
  ];
  const own = new Set(own_canned.value.map((one) => one.name));
  return [...own_canned.value, ...first.filter((one) => !own.has(one.name))];
});

export function addCanned(one: Canned): void {
  own_canned.value = [...own_canned.value.filter((other) => other.name !== one.name), one];
}
export const removeCanned = (name: string): void => {
  own_canned.value = own_canned.value.filter((one) => one.name !== name);
};

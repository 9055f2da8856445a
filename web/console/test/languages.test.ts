import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Message = string | Record<string, string>;
const folder = new URL("../src/i18n/languages/", import.meta.url);
const languages = readdirSync(folder).map((file) => [file.replace(".json", ""), JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Record<string, Message>] as const);
const english = Object.fromEntries(languages).en!;
const placeholders = (message: Message): string[] => {
  const forms = typeof message === "string" ? [message] : Object.values(message);
  return [...new Set(forms.flatMap((form) => form.match(/\{\w+\}/g) ?? []))].filter((name) => name !== "{n}").sort();
};

describe.each(languages)("the language %s", (code, messages) => {
  it("has every message, and no other", () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
  });
  it("names the same values in each message as English does", () => {
    for (const [key, message] of Object.entries(messages)) expect([key, placeholders(message)]).toEqual([key, placeholders(english[key]!)]);
  });
  it("has each plural form that its grammar asks for", () => {
    const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(messages)) {
      expect([key, typeof message]).toEqual([key, typeof english[key]]);
      if (typeof message !== "string") expect([key, Object.keys(message).sort()]).toEqual([key, [...forms].sort()]);
    }
  });
  it("leaves no message empty", () => {
    expect(Object.entries(messages).filter(([, message]) => (typeof message === "string" ? [message] : Object.values(message)).some((form) => form.trim() === ""))).toEqual([]);
  });
});

describe("the sources", () => {
  function* sources(at: URL): Generator<string> {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (entry.isDirectory()) yield* sources(new URL(`${entry.name}/`, at));
      else if (/\.tsx?$/.test(entry.name)) yield readFileSync(new URL(entry.name, at), "utf8");
    }
  }
  const text = [...sources(new URL("../src/", import.meta.url))].join("\n");

  it("use every message: by name, or by a family whose members come from the wire", () => {
    const families = [...text.matchAll(/word\("(\w+)"/g)].map((m) => `${m[1]}.`).concat([...text.matchAll(/[(`=]\s*`(\w+\.)\$\{/g)].map((m) => m[1]!));
    const unused = Object.keys(english).filter((key) => !text.includes(`"${key}"`) && !families.some((family) => key.startsWith(family)));
    expect(unused).toEqual([]);
  });
});

// What cannot be typed: a file by its address, a place, a template.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { MessageParams } from "@inboxd/client";
import { t } from "../i18n/index.js";
import { sendMessage } from "../state/contact.js";
import { keepTemplate, used_templates, type UsedTemplate } from "../state/templates.js";
import { Dialog, Field } from "./bits.js";

interface Props {
  what: "attachment" | "location" | "template";
  contact: string;
  channel: string | undefined;
  /** The usual window is closed: what is sent says that a person wrote it. */
  human_agent: boolean;
  close: () => void;
}

export function SendDialog({ what, contact, channel, human_agent, close }: Props): JSX.Element {
  const send = (params: Omit<MessageParams, "contact" | "client_id">): void => {
    sendMessage({ contact, ...(channel ? { channel } : {}), ...(human_agent && what !== "template" ? { tag: "human_agent" } : {}), ...params });
    close();
  };
  const title = { attachment: t("composer.attach"), location: t("composer.location"), template: t("composer.template") }[what];
  const Form = { attachment: AttachmentForm, location: LocationForm, template: TemplateForm }[what];
  return <Dialog title={title} onClose={close}><Form send={send} close={close} /></Dialog>;
}

interface FormProps { send: (params: Omit<MessageParams, "contact" | "client_id">) => void; close: () => void }

/** A form of named inputs: `read` takes their texts and says what is wrong, or sends. */
function Inputs({ read, close, children }: { read: (text: (name: string) => string) => void; close: () => void; children: JSX.Element }): JSX.Element {
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      const form = new FormData(event.currentTarget);
      read((name) => String(form.get(name) ?? "").trim());
    }}>
      {children}
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={close}>{t("cancel")}</button>
        <button type="submit" class="button primary">{t("composer.send")}</button>
      </footer>
    </form>
  );
}

/** The last part of an address, as people call the file. */
function fileName(url: string): string {
  const part = url.split(/[?#]/)[0]!.split("/").pop() ?? "";
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function AttachmentForm({ send, close }: FormProps): JSX.Element {
  const [error, setError] = useState<string | null>(null);
  return (
    <Inputs close={close} read={(text) => {
      const url = text("url");
      if (!/^https?:\/\/\S+$/i.test(url)) return setError(t("attachment.bad_url"));
      const name = text("name") || fileName(url);
      send({ type: "attachment", attachments: [{ url, ...(name ? { name } : {}) }], ...(text("text") ? { text: text("text") } : {}) });
    }}>
      <>
        <Field label={t("attachment.url")} error={error}>{(id) => <input id={id} name="url" type="url" inputMode="url" placeholder="https://" aria-invalid={error !== null} />}</Field>
        <Field label={t("attachment.name")}>{(id) => <input id={id} name="name" />}</Field>
        <Field label={t("attachment.caption")}>{(id) => <input id={id} name="text" />}</Field>
      </>
    </Inputs>
  );
}

function LocationForm({ send, close }: FormProps): JSX.Element {
  const [error, setError] = useState<string | null>(null);
  return (
    <Inputs close={close} read={(text) => {
      const [latitude, longitude] = [Number(text("latitude")), Number(text("longitude"))];
      if (text("latitude") === "" || text("longitude") === "" || !(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) return setError(t("location.bad"));
      send({ type: "location", location: { latitude, longitude, ...(text("name") ? { name: text("name") } : {}) } });
    }}>
      <>
        <Field label={t("location.latitude")} error={error}>{(id) => <input id={id} name="latitude" inputMode="decimal" aria-invalid={error !== null} />}</Field>
        <Field label={t("location.longitude")}>{(id) => <input id={id} name="longitude" inputMode="decimal" aria-invalid={error !== null} />}</Field>
        <Field label={t("location.name")}>{(id) => <input id={id} name="name" />}</Field>
      </>
    </Inputs>
  );
}

/** Platforms approve templates, and do not tell the engine: those that were sent from here are offered again. */
function TemplateForm({ send, close }: FormProps): JSX.Element {
  const [picked, setPicked] = useState<UsedTemplate | null>(null);
  const [error, setError] = useState<string | null>(null);
  const used = used_templates.value;
  return (
    <>
      {used.length > 0 ? (
        <div class="pick-list" data-testid="template-used" role="group" aria-label={t("template.used")}>
          <p class="menu-title">{t("template.used")}</p>
          {used.map((one) => (
            <button type="button" key={`${one.name} ${one.language}`} class="pick" aria-pressed={picked === one} onClick={() => setPicked(one)}>
              <strong>{one.name}</strong><span class="muted">{one.text}</span><span class="template-language">{one.language}</span>
            </button>
          ))}
        </div>
      ) : null}
      <Inputs key={picked ? `${picked.name} ${picked.language}` : ""} close={close} read={(text) => {
        const name = text("name");
        if (!name) return setError(t("template.bad"));
        const template = { name, language: text("language") || "es", parameters: text("parameters").split("\n").map((one) => one.trim()).filter(Boolean) };
        keepTemplate({ ...template, text: text("text") });
        send({ type: "template", template, ...(text("text") ? { text: text("text") } : {}) });
      }}>
        <>
          <Field label={t("template.name")} error={error}>{(id) => <input id={id} name="name" defaultValue={picked?.name ?? ""} aria-invalid={error !== null} />}</Field>
          <Field label={t("template.language")}>{(id) => <input id={id} name="language" placeholder="es" defaultValue={picked?.language ?? ""} />}</Field>
          <Field label={t("template.parameters")} hint={t("template.parameters_hint")}>{(id) => <textarea id={id} name="parameters" rows={3} defaultValue={picked?.parameters.join("\n") ?? ""} />}</Field>
          <Field label={t("template.text")} hint={t("template.text_hint")}>{(id) => <input id={id} name="text" defaultValue={picked?.text ?? ""} />}</Field>
        </>
      </Inputs>
    </>
  );
}

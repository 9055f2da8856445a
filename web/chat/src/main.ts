// The webchat as one script tag:
//   <script src="https://inbox.example/chat.js" data-channel="chat" defer></script>
// Optional: data-workspace, data-language (es, en), data-open. On the demo page the channel is in the address.
import { Line, type Message } from "./line.js";
import { style } from "./style.js";
import { languageOf, wordsIn } from "./words.js";

type Made = HTMLElement & Record<string, unknown>;

function make(tag: string, attributes: Record<string, string> = {}, ...children: (Node | string)[]): Made {
  const element = document.createElement(tag) as unknown as Made;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const bubble_icon =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></svg>';

function start(script: HTMLScriptElement): void {
  const here = new URLSearchParams(location.search);
  const channel = script.dataset.channel ?? here.get("channel");
  if (!channel) return console.error("inboxd webchat: the script tag has no data-channel");
  const workspace = script.dataset.workspace ?? here.get("workspace");
  const language = languageOf(script.dataset.language ?? here.get("language") ?? navigator.language);
  const words = wordsIn(language);
  const url = new URL("/chat/ws", script.src);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("channel", channel);
  if (workspace) url.searchParams.set("workspace", workspace);

  const host = make("div", { lang: language });
  const root = (host as HTMLElement).attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  const title = make("h2", { id: "title" });
  const close = make("button", { type: "button", "aria-label": words.close }, "×");
  const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-labelledby": "title", tabindex: "0" });
  const note = make("div", { class: "note", role: "status" });
  const input = make("textarea", { "aria-label": words.write, placeholder: words.write, maxlength: "2000", rows: "1" }) as unknown as HTMLTextAreaElement;
  const send = make("button", { type: "submit" }, words.send);
  const form = make("form", {}, input, send);
  const panel = make("section", { class: "panel", role: "dialog", "aria-labelledby": "title" }, make("header", {}, title, close), log, note, form);
  const count = make("span", { class: "count" });
  const bubble = make("button", { class: "bubble", type: "button", "aria-expanded": "false" });
  bubble.innerHTML = bubble_icon;
  bubble.append(count);
  root.append(panel, bubble);
  panel.hidden = true;

  const line = new Line(url.href, language, draw);
  const shown = new Map<string, HTMLElement>();

  function look(): void {
    line.look(!panel.hidden && document.visibilityState === "visible");
  }
  function toggle(open: boolean): void {
    panel.hidden = !open;
    look();
    draw();
    if (open) {
      log.scrollTop = log.scrollHeight;
      input.focus();
    } else {
      bubble.focus();
    }
  }

  function draw(): void {
    const { state } = line;
    title.textContent = state.title || words.open;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    const wanted = new Set<string>();
    const place = (key: string, face: string, build: () => HTMLElement): void => {
      wanted.add(key);
      const old = shown.get(key);
      if (old?.dataset.face === face) {
        if (log.children[wanted.size - 1] !== old) log.insertBefore(old, log.children[wanted.size - 1] ?? null);
        return;
      }
      const fresh = build();
      fresh.dataset.face = face;
      old?.remove();
      shown.set(key, fresh);
      log.insertBefore(fresh, log.children[wanted.size - 1] ?? null);
    };
    if (state.messages.length === 0 && state.unsent.length === 0) place("hello", "", () => make("p", { class: "m" }, words.hello));
    for (const message of state.messages) place(`m${message.seq}`, "", () => messageElement(message));
    const mine = state.messages.filter((m) => m.from === "visitor").at(-1);
    if (mine && mine.seq <= state.read_seq && state.messages.at(-1) === mine && state.unsent.length === 0) {
      place("seen", String(mine.seq), () => make("div", { class: "under" }, words.seen));
    }
    for (const { id, text, refused } of state.unsent) {
      place(`u${id}`, "", () => make("p", { class: "m visitor" }, text));
      place(`s${id}`, refused ?? "", () => unsentElement(id, refused));
    }
    for (const [key, element] of shown) {
      if (wanted.has(key)) continue;
      element.remove();
      shown.delete(key);
    }
    if (atEnd) log.scrollTop = log.scrollHeight;
    const writer = state.messages.filter((m) => m.from === "agent").at(-1)?.name ?? words.agent;
    const said = state.phase === "closed" ? words.closed : state.phase === "offline" ? words.offline : state.typing ? `${writer} ${words.typing}` : "";
    if (note.textContent !== said) note.textContent = said;
    form.hidden = state.phase === "closed";
    const unread = panel.hidden ? line.unread : 0;
    count.hidden = unread === 0;
    count.textContent = String(unread);
    bubble.setAttribute("aria-label", unread > 0 ? `${words.open}: ${unread} ${words.unread}` : panel.hidden ? words.open : words.close);
    bubble.setAttribute("aria-expanded", String(!panel.hidden));
  }

  function unsentElement(id: string, refused?: string): HTMLElement {
    if (!refused) return make("div", { class: "under" }, words.sending);
    const again = make("button", { type: "button" }, words.retry);
    again.onclick = () => line.retry(id);
    const why = refused === "too_large" ? words.long : refused === "rate_limited" ? words.fast : words.failed;
    return make("div", { class: "under bad", role: "alert" }, why, again);
  }

  function messageElement(message: Message): HTMLElement {
    const element = make("div", { class: `m ${message.from}`, "data-seq": String(message.seq), title: new Date(message.at).toLocaleString(language) });
    if (message.from === "agent") element.append(make("span", { class: "who" }, message.name ?? words.agent));
    if (message.text) element.append(message.text);
    for (const { url: address, name, mime_type } of message.attachments ?? []) {
      if (!/^https?:/i.test(address)) continue;
      const text = name ?? words.attachment;
      const what = mime_type?.startsWith("image/") ? make("img", { src: address, alt: text, loading: "lazy", referrerpolicy: "no-referrer" }) : text;
      element.append(make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, what));
    }
    if (message.location) {
      const { latitude, longitude, name } = message.location;
      element.append(make("a", { href: `geo:${latitude},${longitude}` }, name ?? words.location));
    }
    return element;
  }

  bubble.onclick = () => toggle(panel.hidden);
  close.onclick = () => toggle(false);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle(false);
  });
  document.addEventListener("visibilitychange", look);
  const submit = (): void => {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    line.send(text);
    log.scrollTop = log.scrollHeight;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", () => line.typing());

  document.body.append(host);
  draw();
  line.connect();
  if (script.dataset.open === "true") toggle(true);
}

const script = document.currentScript as HTMLScriptElement;
if (document.body) start(script);
else addEventListener("DOMContentLoaded", () => start(script));

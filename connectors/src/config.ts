// The configuration: one JSON file. It names secrets, and never holds one.
import { readFileSync } from "node:fs";
import { Email, type MailServer } from "./adapters/email.js";
import { Graph } from "./adapters/graph.js";
import { Telegram } from "./adapters/telegram.js";
import { Webhook } from "./adapters/webhook.js";
import { WhatsApp } from "./adapters/whatsapp.js";
import { media_limits, type Adapter, type MediaLimits } from "./platform.js";
import { ConfigError, readSecret } from "./secrets.js";

export interface Config {
  engine_url: string;
  host: string;
  port: number;
  /** How the world reaches this program; media links begin with it. */
  public_url?: string;
  state_dir: string | null;
  channels: { adapter: (mediaUrl?: (channel: string, id: string) => string) => Adapter; channel: string; token: string; in_flight?: number }[];
}

const defaults = {
  whatsapp: "https://graph.facebook.com", messenger: "https://graph.facebook.com", instagram: "https://graph.instagram.com",
  telegram: "https://api.telegram.org",
};
const api_version = "v23.0";

/** Reads members by name, says which is wrong, and at the end which is unknown. */
class Section {
  private readonly used = new Set<string>();
  private readonly members: Record<string, unknown>;
  constructor(value: unknown, readonly name: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ConfigError(`${name}: expected an object`);
    this.members = value as Record<string, unknown>;
  }
  get(key: string): unknown {
    this.used.add(key);
    return this.members[key];
  }
  text(key: string, otherwise?: string): string {
    const value = this.get(key) ?? otherwise;
    if (typeof value !== "string" || value === "") throw new ConfigError(`${this.name}.${key}: expected a text`);
    return value;
  }
  maybeText(key: string): string | undefined {
    return this.get(key) === undefined ? undefined : this.text(key);
  }
  flag(key: string): boolean {
    const value = this.get(key) ?? false;
    if (typeof value !== "boolean") throw new ConfigError(`${this.name}.${key}: expected true or false`);
    return value;
  }
  maybeNumber(key: string): number | undefined {
    const value = this.get(key);
    if (value !== undefined && (typeof value !== "number" || !(value > 0))) throw new ConfigError(`${this.name}.${key}: expected a number above 0`);
    return value as number | undefined;
  }
  secret(key: string): string {
    return readSecret(this.get(key), `${this.name}.${key}`);
  }
  end(): void {
    const unknown = Object.keys(this.members).filter((key) => !this.used.has(key));
    if (unknown.length > 0) throw new ConfigError(`${this.name}: there is no ${unknown.join(", ")}`);
  }
}

function mailServerOf(value: unknown, name: string, allow_http: boolean): MailServer {
  const s = new Section(value, name);
  const server = { host: s.text("host"), port: s.maybeNumber("port") ?? 0, secure: s.get("secure") !== false, user: s.text("user"), password: s.secret("password") };
  if (server.port === 0) throw new ConfigError(`${name}.port: expected a number`);
  if (!server.secure && !allow_http && !/^(127\.0\.0\.1|localhost|::1)$/.test(server.host)) {
    throw new ConfigError(`${name}: "secure": false, on another machine; "allow_http": true allows it, with STARTTLS`);
  }
  s.end();
  return server;
}

function mediaOf(section: Section): MediaLimits {
  const types = section.get("media_types") ?? media_limits.types;
  if (!Array.isArray(types) || !types.every((type) => typeof type === "string")) throw new ConfigError(`${section.name}.media_types: expected a list of texts`);
  return { bytes_max: section.maybeNumber("media_bytes_max") ?? media_limits.bytes_max, types: types as string[] };
}

function channelOf(value: unknown, name: string): Config["channels"][number] {
  const s = new Section(value, name);
  const kind = s.text("kind");
  const channel = s.text("channel");
  const common = { channel, allow_http: s.flag("allow_http") };
  const token = s.secret("token");
  const in_flight = s.maybeNumber("in_flight");
  let adapter: Config["channels"][number]["adapter"];
  if (kind === "whatsapp" || kind === "messenger" || kind === "instagram") {
    const graph = {
      ...common, base_url: s.text("base_url", defaults[kind]), path: s.text("path"), api_version: s.text("api_version", api_version),
      access_token: s.secret("access_token"), app_secret: s.secret("app_secret"), verify_token: s.secret("verify_token"), media: mediaOf(s),
    };
    if (kind === "whatsapp") {
      const phone_number_id = s.text("phone_number_id");
      adapter = (mediaUrl) => new WhatsApp({ ...graph, phone_number_id, mediaUrl: mediaUrl && ((id) => mediaUrl(channel, id)) });
    } else {
      const account_id = s.text("account_id");
      adapter = () => new Graph({ ...graph, kind, account_id });
    }
  } else if (kind === "telegram") {
    const path = s.maybeText("path");
    const telegram = {
      ...common, base_url: s.text("base_url", defaults.telegram), path, bot_token: s.secret("bot_token"), media: mediaOf(s),
      secret_token: path ? s.secret("secret_token") : undefined,
    };
    adapter = (mediaUrl) => new Telegram({ ...telegram, mediaUrl: mediaUrl && ((id) => mediaUrl(channel, id)) });
  } else if (kind === "webhook") {
    const webhook = { ...common, base_url: s.text("url"), path: s.text("path"), secret: s.secret("secret") };
    adapter = () => new Webhook(webhook);
  } else if (kind === "email") {
    const email = {
      channel, address: s.text("address"), name: s.maybeText("name"), mailbox: s.text("mailbox", "INBOX"), media: mediaOf(s),
      imap: mailServerOf(s.get("imap"), `${name}.imap`, common.allow_http), smtp: mailServerOf(s.get("smtp"), `${name}.smtp`, common.allow_http),
    };
    adapter = (mediaUrl) => new Email({ ...email, mediaUrl: mediaUrl && ((id) => mediaUrl(channel, id)) });
  } else {
    throw new ConfigError(`${name}.kind: there is no ${kind}; whatsapp, messenger, instagram, telegram, email, webhook`);
  }
  s.end();
  return { adapter, channel, token, in_flight };
}

export function readConfig(path: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const s = new Section(value, "configuration");
  const listen = s.text("listen", "127.0.0.1:8090");
  const at = listen.lastIndexOf(":");
  const engine_url = s.text("engine");
  const local = /^ws:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(engine_url);
  if (!engine_url.startsWith("wss://") && !local && !s.flag("allow_http")) throw new ConfigError("engine: not wss, and on another machine; \"allow_http\": true allows it");
  s.get("allow_http");
  const channels = s.get("channels");
  if (!Array.isArray(channels) || channels.length === 0) throw new ConfigError("channels: expected a list with at least one");
  const config: Config = {
    engine_url, host: listen.slice(0, at), port: Number(listen.slice(at + 1)), public_url: s.maybeText("public_url")?.replace(/\/$/, ""),
    state_dir: s.maybeText("state_dir") ?? null, channels: channels.map((one, i) => channelOf(one, `channels[${i}]`)),
  };
  if (at < 0 || !Number.isInteger(config.port)) throw new ConfigError("listen: expected HOST:PORT");
  s.end();
  return config;
}

#!/usr/bin/env node
// inboxd-connector --config FILE: the channels of one configuration, until SIGTERM.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { readConfig, type Config } from "./config.js";
import { Connector } from "./connector.js";
import { Door, type Site } from "./http.js";
import { ConfigError } from "./secrets.js";

const usage = `inboxd-connector --config FILE

Brings messages between inboxd and WhatsApp, Messenger, Instagram, Telegram, e-mail or signed webhooks.
docs/CONNECTORS.md and connectors/README.md say what stands in FILE.
`;

const log = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${text}\n`);

async function run(config: Config): Promise<void> {
  if (config.state_dir) mkdirSync(config.state_dir, { recursive: true, mode: 0o700 });
  const sites: Site[] = [];
  // Links to media die with the process unless a secret is given: agents open them from live conversations.
  const door = new Door(sites, process.env.INBOXD_MEDIA_SECRET ?? randomBytes(32).toString("hex"), log);
  const mediaUrl = config.public_url ? (channel: string, id: string) => `${config.public_url}${door.mediaPath(channel, id)}` : undefined;
  const connectors = config.channels.map((channel) => {
    const adapter = channel.adapter(mediaUrl);
    const connector = new Connector(adapter, {
      url: config.engine_url, token: channel.token, in_flight: channel.in_flight,
      journal: config.state_dir ? join(config.state_dir, `${encodeURIComponent(channel.channel)}.journal`) : null,
    }, log);
    sites.push({ adapter, take: (told) => connector.take(told) });
    return connector;
  });
  await Promise.all(connectors.map((connector) => connector.start()));
  const port = await door.listen(config.host, config.port);
  process.stdout.write(`listening on http://${config.host}:${port}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      for (const connector of connectors) connector.close();
      void door.close().then(() => process.exit(0));
    });
  }
}

const [flag, file, ...more] = process.argv.slice(2);
if (flag === "--help") {
  process.stdout.write(usage);
} else if (flag !== "--config" || !file || more.length > 0) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  try {
    await run(readConfig(file));
  } catch (error) {
    log(error instanceof ConfigError ? error.message : `cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

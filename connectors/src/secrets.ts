// Secrets come from the environment or from files that nobody else may read; they are never logged nor put in messages.
import { readFileSync, statSync } from "node:fs";

/** In the configuration: `{"env": "WA_TOKEN"}` or `{"file": "/etc/inboxd/wa-token"}`. Text in the open is refused. */
export type SecretSource = { env: string } | { file: string };

export class ConfigError extends Error {}

export function readSecret(source: unknown, what: string): string {
  const from = source as { env?: unknown; file?: unknown } | null;
  let value: string | undefined;
  if (typeof from === "object" && from !== null && typeof from.env === "string") {
    value = process.env[from.env];
    if (!value) throw new ConfigError(`${what}: the environment has no ${from.env}`);
  } else if (typeof from === "object" && from !== null && typeof from.file === "string") {
    const mode = statSync(from.file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new ConfigError(`${what}: ${from.file} may be read by others (mode ${mode.toString(8)}): chmod 600 it`);
    }
    value = readFileSync(from.file, "utf8").trim();
    if (value === "") throw new ConfigError(`${what}: ${from.file} is empty`);
  } else {
    throw new ConfigError(`${what}: expected {"env": NAME} or {"file": PATH}; secrets do not stand in the configuration`);
  }
  return value;
}

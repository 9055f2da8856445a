// A PostgreSQL of its own for one run.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

function binaries() {
  const root = "/usr/lib/postgresql";
  const newest = existsSync(root) && readdirSync(root).sort((a, b) => b - a)[0];
  if (!newest) throw new Error("PostgreSQL is not installed (Debian: postgresql)");
  return join(root, newest, "bin");
}

/** Fast shutdown: PostgreSQL's SIGINT. */
async function stop(child) {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await gone;
}

/**
 * A cluster of its own, on a socket in its directory (and on `port` of loopback for clients that know no sockets), with `schema` in it. PostgreSQL does not run as root: then its own user does.
 * Gives node-postgres's options, and what stops it.
 */
export async function startPostgres(dir, schema, { port } = {}) {
  const bin = binaries();
  const data = join(dir, "cluster");
  mkdirSync(data, { mode: 0o700 });
  const who = {};
  if (process.getuid() === 0) {
    const [, , uid, gid] = readFileSync("/etc/passwd", "utf8").split("\n").find((line) => line.startsWith("postgres:")).split(":");
    Object.assign(who, { uid: Number(uid), gid: Number(gid) });
    for (const path of [dir, data]) chownSync(path, who.uid, who.gid);
  }
  execFileSync(join(bin, "initdb"), ["-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--no-locale"], { ...who, stdio: "ignore", cwd: dir });
  const settings = { listen_addresses: port ? "127.0.0.1" : "", port: String(port ?? 5432), unix_socket_directories: dir, synchronous_commit: "on", fsync: "on", shared_buffers: "1GB",
    max_wal_size: "8GB", checkpoint_timeout: "15min", wal_compression: "off", max_connections: "64", autovacuum_naptime: "30s" };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", data, ...args], { ...who, stdio: "ignore", cwd: dir });
  const options = { host: dir, port: port ?? 5432, user: "bench", database: "postgres" };
  for (let tries = 0; ; ++tries) {
    const client = new pg.Client(options);
    try {
      await client.connect();
      await client.query(schema);
      await client.end();
      return { options, stop: () => stop(child) };
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

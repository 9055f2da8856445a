// Runs inboxd and its peers one after the other through one generator, inbox-bench, with the same load and the same
// checks, and prints what each did and how inboxd compares.
//
//   bench/peers/run [--only inboxd,postgres] [--depths 16,1] [--bench PATH] [--json FILE] [-- options of inbox-bench ingest]
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const bun = join(here, "node_modules/@oven/bun-linux-x64/bin/bun");

const peers = {
  inboxd: { title: "inboxd" },
  postgres: { title: "(a) PostgreSQL, one transaction a message, Node ws", command: [process.execPath, "postgres/server.mjs"], env: { BATCH: "1" }, needs: "/usr/lib/postgresql" },
  "postgres-batched": { title: "(a) PostgreSQL, micro-batched, Node ws", command: [process.execPath, "postgres/server.mjs"], env: {}, needs: "/usr/lib/postgresql" },
  redis: { title: "(b) Redis, appendfsync always, uWebSockets in Bun", command: [bun, "redis/server.mjs"], env: {}, needs: "/usr/bin/redis-server" },
  livequery: { title: "(d) Parse Server LiveQuery on PostgreSQL", command: [process.execPath, "livequery/server.mjs"], env: { PARSE_SERVER_LOGS_FOLDER: "null" }, needs: "/usr/lib/postgresql", contactsMax: 1000 },
  memory: { title: "(c) in memory, group-synced log, Bun", command: [bun, "memory/server.mjs"], env: {}, needs: bun },
};

function fail(text) {
  console.error(`peers: ${text}`);
  process.exit(1);
}

function parseOptions(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`);
  }
}

const usage = `Usage: bench/peers/run [--only NAMES] [--depths NUMBERS] [--bench PATH] [--json FILE] [-- options of inbox-bench ingest]

  --only    of ${Object.keys(peers).join(", ")} (default: all)
  --depths  messages in flight on each connection, one run each (default: 16,1)
  --bench   the generator (default: build/release/bin/inbox-bench)
  --json    also write all results to this file`;

const { values: options, positionals } = parseOptions({
  allowPositionals: true,
  options: {
    only: { type: "string", default: Object.keys(peers).join(",") },
    depths: { type: "string", default: "16,1" },
    bench: { type: "string", default: join(root, "build/release/bin/inbox-bench") },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const chosen = options.only.split(",");
for (const name of chosen) if (!peers[name]) fail(`there is no peer ${name}; there are ${Object.keys(peers).join(", ")}`);
const depths = options.depths.split(",").map(Number);
if (!depths.every((depth) => Number.isInteger(depth) && depth > 0)) fail(`--depths: ${options.depths} are not numbers, as 16,1`);
if (!existsSync(options.bench)) fail(`${options.bench} is not built; ./run builds it`);
if (chosen.length > 1 && !existsSync(join(here, "node_modules"))) execFileSync("npm", ["--prefix", here, "ci"], { stdio: "inherit" });

/** The options of inbox-bench for a peer: a slow one gets fewer contacts, or filling it would take longer than measuring it. */
function optionsFor(peer) {
  if (!peer.contactsMax) return positionals;
  const at = positionals.indexOf("--contacts");
  const asked = at < 0 ? Infinity : Number(positionals[at + 1]);
  const others = at < 0 ? positionals : [...positionals.slice(0, at), ...positionals.slice(at + 2)];
  return [...others, "--contacts", String(Math.min(asked, peer.contactsMax))];
}

/** Starts a peer's server on a directory of its own, and gives inbox-bench's options to reach it. */
async function startPeer(peer, dir) {
  const data = join(dir, "data");
  mkdirSync(data, { mode: 0o755 });
  writeFileSync(join(dir, "signing.key"), "peers do not check signatures, which is in their favour");
  const child = spawn(peer.command[0], [join(here, peer.command[1])], { env: { ...process.env, ...peer.env, DATA: data, NODE_ENV: "production" }, stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port) return { child, args: ["--url", `ws://127.0.0.1:${port}/ws`, "--data", dir, "--pid", String(child.pid)] };
  }
  throw new Error("it did not start");
}

async function stopPeer(child) {
  running.delete(child);
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await gone;
}

// An interrupted run leaves no server behind.
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, async () => {
  await Promise.all([...running].map(stopPeer));
  process.exit(130);
});

async function run(name, depth) {
  const dir = mkdtempSync(join(tmpdir(), "inboxd-peer-"));
  execFileSync("chmod", ["755", dir]);  // PostgreSQL's own user must get in
  const json = join(dir, "result.json");
  let server = { child: null, args: [] };
  try {
    if (peers[name].command) server = await startPeer(peers[name], dir);
    const bench = spawn(options.bench, ["ingest", ...server.args, "--depth", String(depth), "--json", json, ...optionsFor(peers[name])], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    bench.stdout.on("data", (data) => (text += data));
    const code = await new Promise((done) => bench.once("exit", done));
    if (code !== 0) return { error: text.trim().split("\n").slice(-6).join(" / ") || `inbox-bench ended with ${code} (its words are above)` };
    return JSON.parse(readFileSync(json, "utf8"));
  } catch (error) {
    return { error: error.message };
  } finally {
    if (server.child) await stopPeer(server.child);
    rmSync(dir, { recursive: true, force: true });
  }
}

const figure = (result, name) => result.figures?.find((f) => f.name === name)?.value;
const shown = (value, digits = 0) => (value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits }));

const results = {};
for (const depth of depths) {
  for (const name of chosen) {
    if (peers[name].needs && !existsSync(peers[name].needs)) {
      console.error(`${peers[name].title}: skipped, ${peers[name].needs} is not there`);
      continue;
    }
    console.error(`${peers[name].title}, depth ${depth} …`);
    (results[depth] ??= {})[name] = await run(name, depth);
  }
}

console.log(`${cpus().length} cores (${cpus()[0].model}), ${Math.round(totalmem() / 2 ** 30)} GiB; inbox-bench ingest ${positionals.join(" ")}`);
for (const [depth, byName] of Object.entries(results)) {
  console.log(`\n| depth ${depth} | messages/s, durable | inboxd is | server CPU a message, µs | send to answer p50 / p99, ms | send to delta p50 / p99, ms | server memory, MiB |\n|---|---|---|---|---|---|---|`);
  const ours = figure(byName.inboxd ?? {}, "throughput");
  for (const [name, result] of Object.entries(byName)) {
    if (result.error) {
      console.log(`| ${peers[name].title} | failed: ${result.error} | | | | | |`);
      continue;
    }
    const rate = figure(result, "throughput");
    const latency = (what) => {
      const found = result.latencies?.[what];
      return found ? `${shown(found.p50_ms, 1)} / ${shown(found.p99_ms, 1)}` : "–";
    };
    const title = peers[name].title + (peers[name].contactsMax ? ` (${shown(Number(result.options.contacts))} contacts)` : "");
    console.log(`| ${title} | ${shown(rate)} | ${ours ? shown(ours / rate, 1) + " ×" : "–"} | ${shown(figure(result, "server CPU per operation"), 1)} | ` +
      `${latency("send to answer")} | ${latency("send to delta")} | ${shown(figure(result, "server peak memory"))} |`);
  }
}
if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 1));
if (Object.values(results).some((byName) => Object.values(byName).some((result) => result.error))) process.exit(1);

// What a browser loads to show the page, gzipped, must stay within the budget: fails the build when it does not.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const budget_bytes = 120 * 1024;
// The webchat's script is not the console's: any website loads it.
const chat_budget_bytes = 20 * 1024;
const dist = fileURLToPath(new URL("../console/dist", import.meta.url));

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

let total = 0;
for (const path of files(dist)) {
  const text = readFileSync(path);
  const bytes = gzipSync(text, { level: 9 }).length;
  if (/[/]chat[.](js|html)$/.test(path)) {
    if (bytes > chat_budget_bytes) {
      console.error(`${path} is over its budget of ${chat_budget_bytes}`);
      process.exitCode = 1;
    }
  } else total += bytes;
  console.log(`${String(bytes).padStart(8)}  ${path.slice(dist.length + 1)}`);
  // The page asks nobody but its own server: links of contacts and namespaces of XML are all that may name another host.
  const hosts = (text.toString("utf8").match(/https?:\/\/[a-z0-9][a-z0-9.-]+/gi) ?? []).filter((host) => !/w3\.org/.test(host));
  if (hosts.length > 0) {
    console.error(`${path} names other hosts: ${[...new Set(hosts)].join(" ")}`);
    process.exitCode = 1;
  }
}
console.log(`${String(total).padStart(8)}  in all, gzipped; the budget is ${budget_bytes}`);
if (total > budget_bytes) {
  console.error("over budget");
  process.exitCode = 1;
}

// Says once what the connectors run in: they have to do with Debian's Node 18.
import { execFileSync } from "node:child_process";

export default function setup(): void {
  const node = process.env.INBOXD_NODE ?? process.execPath;
  console.log(`the connectors run in Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}, their tests in ${process.version}`);
}

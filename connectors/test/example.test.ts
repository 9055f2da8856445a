// The example of docs/CONNECTORS.md is a whole connector: it runs here as it stands there.
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { node, Stage, until } from "./stage.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the example in docs/CONNECTORS.md", () => {
  const stage = new Stage();
  let example: ChildProcess;
  let printed = "";

  beforeAll(async () => {
    await stage.start();
    await stage.admin.call("channel.put", { id: "mine", kind: "custom", name: "Mine" });
    const page = readFileSync(`${root}docs/CONNECTORS.md`, "utf8");
    // Beside the tests' own modules, so that it finds `ws`.
    const file = `${root}connectors/dist/example.mjs`;
    writeFileSync(file, /```js\n([\s\S]*?)```/.exec(page)![1]!);
    example = spawn(node, [file], { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, URL: stage.ws, TOKEN: stage.token({ sub: "c", kind: "connector", channel: "mine" }) } });
    example.stdout!.on("data", (data) => (printed += String(data)));
  });
  afterAll(async () => {
    example?.kill("SIGKILL");
    await stage.stop();
  });

  it("brings a line as a message, and prints what is sent, in order", async () => {
    // Until its session is open a line is refused.
    await until("a message is there", async () => {
      example.stdin!.write("hello\n");
      const list = stage.admin.view("all");
      await until("the list", () => list.phase === "live");
      const found = list.state.rows.length > 0;
      list.close();
      return found;
    });
    const contact = await stage.contactOf("mine", "console");
    for (let i = 0; i < 5; ++i) await stage.send(contact, `line ${i}`);
    await until("all are printed", () => printed.includes("line 4"));
    expect(printed.trim().split("\n").map((one) => JSON.parse(one) as unknown)).toEqual(Array.from({ length: 5 }, (_, i) => ({ to: "console", text: `line ${i}` })));
    await until("all are sent", async () => (await stage.messages(contact)).filter((m) => m.direction === "out").every((m) => m.status === "sent"));
  });
});

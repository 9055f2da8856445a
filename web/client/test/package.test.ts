// The package as somebody gets it from npm: what is in it, that an empty project can install and compile it, and that its
// examples run, in this Node or the one that INBOXD_NODE names.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InboxClient } from "../src/index.js";
import { Engine, inboxd_bin, sayThatItIsSkipped, until } from "./engine.js";

if (!inboxd_bin) sayThatItIsSkipped("The examples of the client's package");

const node = process.env.INBOXD_NODE ?? process.execPath;
const here = fileURLToPath(new URL("..", import.meta.url));
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

describe("the package", () => {
  let project = "";
  let packed: string[] = [];
  const run = (command: string, args: string[]): string => execFileSync(command, args, { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "inboxd-package-"));
    const said = execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", project], { cwd: here, encoding: "utf8" });
    const [made] = JSON.parse(said.slice(said.indexOf("["))) as Array<{ filename: string; files: Array<{ path: string }> }>;
    packed = made!.files.map((file) => file.path);
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "somebody", version: "1.0.0", private: true, type: "module" }));
    // Nothing of a registry: the tarball has no dependency, and ws is the one that is here.
    run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", join(project, made!.filename.split("/").pop()!.replace("@inboxd/", "inboxd-")), join(modules, "ws")]);
  }, 120_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it("has the built modules with their types, the examples, README and license, and nothing else", () => {
    const sources = readdirSync(join(here, "src")).map((name) => name.replace(/\.ts$/, ""));
    const expected = [
      ...sources.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
      "LICENSE", "README.md", "package.json", "examples/terminal-inbox.mjs", "examples/wallboard.html",
    ];
    expect([...packed].sort()).toEqual(expected.sort());
    expect(readFileSync(join(here, "LICENSE"), "utf8")).toBe(readFileSync(join(here, "../../LICENSE"), "utf8"));
    const { dependencies, license, types } = JSON.parse(readFileSync(join(project, "node_modules/@inboxd/client/package.json"), "utf8")) as Record<string, unknown>;
    expect({ dependencies, license, types }).toEqual({ dependencies: undefined, license: "Apache-2.0", types: "./dist/index.d.ts" });
  });

  it("compiles in a strict project of Node's own module kind, and refuses what the protocol does not know", () => {
    writeFileSync(join(project, "use.ts"), `
      import { InboxClient, InboxError, type Row } from "@inboxd/client";
      const inbox = new InboxClient({ url: "ws://127.0.0.1:1/ws", token: async () => "t" });
      const rows: readonly Row[] = inbox.view("mine", { limit: 5 }).state.rows;
      inbox.call("message.send", { contact: rows[0]!.id, text: "hi" }).then(({ entry }) => console.log(entry.seq),
        (error: unknown) => { if (error instanceof InboxError && error.reason === "window_closed") console.log(error.data.closed_at); });
      // @ts-expect-error: no such parameter
      void inbox.call("message.send", { contact: "c", txt: "hi" });
      // @ts-expect-error: no such method
      void inbox.call("message.sent", { contact: "c" });
    `);
    expect(() => run(node, [join(modules, "typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext", "--moduleResolution", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "use.ts"])).not.toThrow();
  }, 60_000);

  describe.skipIf(!inboxd_bin)("and its terminal inbox", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await Engine.start();
    });
    afterAll(() => engine?.remove());

    it("shows the list as it changes, answers, closes, and says what went wrong", async () => {
      const admin = new InboxClient({ url: engine.ws, token: engine.token({ sub: "root", role: "admin" }) });
      await admin.connect();
      await admin.call("channel.put", { id: "web", kind: "webchat", name: "Web" });
      const web = new InboxClient({ url: engine.ws, token: engine.token({ sub: "web", kind: "connector", channel: "web" }) });
      await web.connect();
      console.log(`the package's example runs in Node ${run(node, ["--version"]).trim()}`);
      const inbox = spawn(node, ["node_modules/@inboxd/client/examples/terminal-inbox.mjs", engine.ws, engine.token({ sub: "ana" }), "all"], { cwd: project });
      let screen = "";
      inbox.stdout.on("data", (chunk: Buffer) => (screen += chunk.toString()));
      inbox.stderr.on("data", (chunk: Buffer) => (screen += chunk.toString()));
      const shows = (text: string): Promise<unknown> => until(`${text} on the screen, which is: ${screen}`, () => screen.includes(text));
      await shows("all: 0 contacts");
      const { contact } = await web.call("inbound.receive", { external_id: "m", provider_id: "m1", type: "text", text: "is it open?", profile: { first_name: "María" } });
      await shows("is it open?");
      expect(screen).toContain("all: 1 contacts, 1 unread messages (online)");
      inbox.stdin.write("1 Yes, until eight.\n");
      await shows("sent as entry");
      inbox.stdin.write("9 nobody\n");
      await shows("Which one?");
      inbox.stdin.write("done 1\n");
      await shows("done at offset");
      const { entries } = await admin.call("timeline.page", { contact });
      expect(entries.filter((entry) => entry.kind === "message" && entry.text === "Yes, until eight.").length).toBe(1);
      expect((await admin.call("contact.get", { contact })).contact.status).toBe("done");
      const gone = new Promise((yes) => inbox.once("exit", yes));
      inbox.stdin.end();
      await gone;
      admin.close();
      web.close();
    }, 60_000);

    it("ends with the reason when its token is no good", async () => {
      const inbox = spawn(node, ["node_modules/@inboxd/client/examples/terminal-inbox.mjs", engine.ws, "not.a.token"], { cwd: project });
      let said = "";
      inbox.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      expect(await new Promise((yes) => inbox.once("exit", yes))).toBe(1);
      expect(said).toContain("unauthenticated");
    }, 30_000);
  });
});

// Usage: node check.mjs INBOXD. Starts it, checks /openrpc.json against the OpenRPC meta-schema, then
// calls methods over POST /rpc with what the document says they take, and checks what they answer
// against what it says they give.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Ajv from "ajv";
import { validateOpenRPCDocument } from "@open-rpc/schema-utils-js";

const program = process.argv[2];
const directory = mkdtempSync(join(tmpdir(), "inboxd-openrpc-"));
const data = join(directory, "data");
const server = spawn(program, ["--data", data, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
let passed = 0;
const failures = [];

function check(what, problem) {
  if (problem) failures.push(`${what}: ${problem}`);
  else passed += 1;
}

function token(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ ws: "default", exp, ...claims })}`;
  const key = readFileSync(join(data, "signing.key"));
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

async function run() {
  let url;
  for await (const line of createInterface({ input: server.stdout })) {
    url = /listening on (\S+)/.exec(line)?.[1];
    if (url) break;
  }
  const document = await (await fetch(`${url}/openrpc.json`)).json();
  const valid = validateOpenRPCDocument(document);
  check("the document", valid === true ? "" : (valid.message ?? String(valid)));

  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema(document, "document");
  const conforms = (schema, value) => {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'));
    const validate = ajv.compile(absolute);
    return validate(value) ? "" : ajv.errorsText(validate.errors);
  };

  const admin = token({ sub: "root", kind: "agent", role: "admin" });
  const connector = token({ sub: "c", kind: "connector", channel: "wa" });
  const methods = new Map(document.methods.map((method) => [method.name, method]));
  async function call(name, params, bearer = admin) {
    const response = await fetch(`${url}/rpc`, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: name, params }),
    });
    const answer = await response.json();
    const method = methods.get(name);
    for (const [key, value] of Object.entries(params)) {
      const param = method.params.find((p) => p.name === key);
      check(`${name} takes ${key}`, param ? conforms(param.schema, value) : "the document has no such param");
    }
    if (answer.error) check(name, JSON.stringify(answer.error));
    else check(`${name} gives`, conforms(method.result.schema, answer.result));
    return answer.result;
  }

  await call("channel.put", { id: "wa", kind: "whatsapp", name: "WhatsApp" });
  await call("team.put", { id: "sales", name: "Sales" });
  await call("agent.put", { id: "ana", name: "Ana", role: "agent", teams: ["sales"] });
  await call("field.put", { id: "plan", name: "Plan", type: "text" });
  await call("policy.set", { assign_on_reply: true });
  await call("policy.get", {});
  for (const list of ["agent.list", "team.list", "channel.list", "field.list"]) await call(list, {});
  const received = await call(
    "inbound.receive",
    { external_id: "34600", provider_id: "m1", type: "text", text: "hola", profile: { first_name: "Eva" } },
    connector,
  );
  const contact = received.contact;
  await call("contact.create", { first_name: "Luz", tags: ["vip"], fields: { plan: "gold" } });
  await call("contact.update", { contact, set: { email: "eva@example.com" }, tags_add: ["new"] });
  const sent = await call("message.send", { contact, text: "¡Hola!", client_id: "1" });
  await call("outbox.sent", { contact, seq: sent.entry.seq, provider_id: "p1" }, connector);
  await call("inbound.status", { provider_id: "p1", status: "delivered" }, connector);
  await call("inbound.typing", { external_id: "34600", on: true }, connector);
  await call("comment.add", { contact, text: "look", mentions: ["ana"] });
  await call("contact.assign", { contact, assignee: "ana", team: "sales" });
  await call("contact.snooze", { contact, until: Date.now() + 3600_000 });
  await call("contact.wake", { contact });
  await call("contact.read", { contact });
  await call("contact.unread", { contact });
  await call("contact.block", { contact });
  await call("contact.unblock", { contact });
  await call("contact.done", { contact, note: { category: "sale", summary: "sold" } });
  await call("contact.reopen", { contact });
  await call("contact.get", { contact });
  await call("timeline.page", { contact, limit: 5 });
  const filter = { all: [{ field: "status", op: "eq", value: "open" }] };
  const created = await call("view.create", { name: "Open", filter, visibility: "team" });
  await call("view.update", { view: created.view, sort: "oldest" });
  await call("view.list", {});
  await call("view.delete", { view: created.view });
  await call("presence.set", { status: "busy" });
  await call("typing.set", { contact, on: true });
  await call("viewing.set", { contact, on: true });
  await call("rpc.discover", {});
  await call("agent.remove", { id: "ana" });
}

try {
  await run();
} catch (error) {
  failures.push(String(error.stack ?? error));
} finally {
  server.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
}
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);

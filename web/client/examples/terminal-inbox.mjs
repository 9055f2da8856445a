// A terminal inbox: the unassigned contacts, live; type "N text" to answer the N-th, "done N" to close it.
//   node terminal-inbox.mjs ws://127.0.0.1:8080/ws TOKEN [VIEW]
import { createInterface } from "node:readline";
import { InboxClient } from "@inboxd/client";

const [url, token, view = "unassigned"] = process.argv.slice(2);
const inbox = new InboxClient({ url, token });
const list = inbox.view(view, { limit: Math.max(5, (process.stdout.rows ?? 24) - 6) });
let said = "";

function draw() {
  const { rows, counters } = list.state;
  const width = process.stdout.columns ?? 100;
  console.clear();
  console.log(`${view}: ${counters.contacts} contacts, ${counters.unread_messages} unread messages (${inbox.state.phase})\n`);
  rows.forEach((row, i) => {
    const time = new Date(row.sort_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const mark = row.unread > 0 ? `(${row.unread})` : "";
    const line = `${String(i + 1).padStart(3)} ${time} ${row.name.slice(0, 22).padEnd(22)} ${mark.padEnd(5)} ${row.last_message?.preview ?? ""}`;
    console.log(line.slice(0, width));
  });
  process.stdout.write(`\n${said}\n> `);
}

list.onChange(draw);
inbox.onState((state) => {
  if (state.phase === "closed" && state.error) console.error(`\n${state.error.reason}: ${state.error.message}`);
  else draw();
});

createInterface({ input: process.stdin }).on("line", async (line) => {
  const [, verb, number, text] = /^(done )?(\d+) ?(.*)$/.exec(line.trim()) ?? [];
  const contact = list.state.rows[Number(number) - 1]?.id;
  try {
    if (!contact) said = "Which one? \"2 Hello!\" answers the second, \"done 2\" closes it.";
    else if (verb) said = `done at offset ${(await inbox.call("contact.done", { contact })).offset}`;
    else said = `sent as entry ${(await inbox.call("message.send", { contact, text })).entry.seq}`;
  } catch (error) {
    said = `${error.reason}: ${error.message}`;
  }
  draw();
}).on("close", () => inbox.close());

inbox.connect().catch(() => process.exit(1));

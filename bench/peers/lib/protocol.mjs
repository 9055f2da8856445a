// The part of the wire protocol (inbox.v1.json) that `inbox-bench ingest` uses, in front of any engine of this
// folder: session.open, the set-up calls, inbound.receive, timeline.page, view.subscribe, view.window. A peer gives the engine;
// both WebSocket servers (serve_ws.mjs for Node, serve_bun.mjs for Bun) share this file.
//
// An engine is
//   receive(message) -> Promise<{contact, seq, offset, duplicate}>   resolved once it is durable
//   assign(contact, assignee) -> Promise<{offset, version}>           likewise
//   timeline(contact, beforeSeq, limit) -> Promise<{entries, more}>
//   windows: Windows (windows.mjs)

import { randomUUID } from "node:crypto";

const methodNotFound = (method) => ({ code: -32601, message: `there is no method ${method} here`, data: { reason: "method_not_found" } });

/** The claims of a token. Signatures are not checked: that is in the peers' favour. */
function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

export class Session {
  /** `send(text)` puts one frame on the socket. */
  constructor(engine, send) {
    this.engine = engine;
    this.send = send;
    this.claims = null;
    this.subs = 0;
    this.watching = [];
  }

  close() {
    for (const { leave } of this.watching) leave();
  }

  take(text) {
    const request = JSON.parse(text);
    const answer = (result) => this.send(`{"jsonrpc":"2.0","id":${request.id},"result":${JSON.stringify(result)}}`);
    const fail = (error) => (process.env.DEBUG && console.error(error)) || this.send(`{"jsonrpc":"2.0","id":${request.id},"error":${JSON.stringify(error.code ? error : { code: -32603, message: String(error) })}}`);
    const { method, params } = request;
    if (method === "inbound.receive") {  // the hot path first
      this.engine.receive({ channel: this.claims.channel, externalId: params.external_id, providerId: params.provider_id, type: params.type, text: params.text })
        .then(answer, fail);
    } else if (method === "view.subscribe") {
      this.subscribe(params).then((text) => this.send(`{"jsonrpc":"2.0","id":${request.id},"result":${text}}`), fail);
    } else if (method === "view.window") {  // where it is, to compare the number of deltas
      const watched = this.watching.find(({ sub }) => sub === params.sub);
      if (watched) this.send(`{"jsonrpc":"2.0","id":${request.id},"result":${watched.again()}}`);
      else fail({ code: -32000, message: "there is no such subscription", data: { reason: "not_found", field: "sub" } });
    } else if (method === "contact.assign") {
      this.engine.assign(params.contact, params.assignee).then(answer, fail);
    } else if (method === "timeline.page") {
      this.engine.timeline(params.contact, params.before_seq ?? null, params.limit ?? 50).then(answer, fail);
    } else if (method === "session.open") {
      this.claims = claimsOf(params.token);
      answer({ session: randomUUID(), workspace: this.claims.ws, principal: { kind: this.claims.kind, id: this.claims.sub },
        epoch: "peer", offset: this.engine.windows.offset });
    } else if (method === "channel.put" || method === "agent.put") {
      answer({ offset: this.engine.windows.offset });  // any channel and agent is known
    } else {
      fail(methodNotFound(method));
    }
  }

  async subscribe({ view, limit = 50 }) {
    const sub = String(++this.subs);
    const prefix = `{"jsonrpc":"2.0","method":"view.delta","params":{"sub":"${sub}",`;
    const key = view === "mine" ? `mine:${this.claims.sub}` : view;
    const watched = await this.engine.windows.watch(key, limit, (tail) => this.send(prefix + tail));
    this.watching.push({ ...watched, sub });
    return `{"sub":"${sub}",${watched.snapshot}`;
  }
}

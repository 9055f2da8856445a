// The session: the token, the client, and whether the line is up.
import { computed, signal } from "@preact/signals";
import { InboxClient, type ConnectionState, type InboxError, type SessionInfo } from "@inboxd/client";
import { clock_skew, now } from "../lib/format.js";
import { takeToken } from "./router.js";

const token_key = "inboxd.token";

export const connection = signal<ConnectionState>({ phase: "idle" });
export const session = signal<SessionInfo | null>(null);
export const sign_in_error = signal<InboxError | null>(null);
export const client = signal<InboxClient | null>(null);

export const me = computed(() => session.value?.principal.id ?? "");
export const role = computed(() => session.value?.principal.role ?? "agent");
export const is_manager = computed(() => role.value !== "agent");

/** The client, where there must be one. */
export function inbox(): InboxClient {
  if (!client.value) throw new Error("not signed in");
  return client.value;
}

function engineUrl(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}

function storedToken(): string | null {
  try {
    return sessionStorage.getItem(token_key);
  } catch {
    return null;
  }
}

function storeToken(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(token_key);
    else sessionStorage.setItem(token_key, token);
  } catch {
    // The token then lives as long as the page.
  }
}

/** Signs in with the token of the link, or the one of this tab. */
export function startSession(): void {
  const given = takeToken();
  if (given !== null) storeToken(given);
  const token = given ?? storedToken();
  if (token !== null) signIn(token);
  addEventListener("online", () => client.value?.wake());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) client.value?.wake();
  });
  // A link opened in this same tab changes only the fragment.
  addEventListener("hashchange", () => {
    const next = takeToken();
    if (next !== null) signIn(next);
  });
}

export function signIn(token: string): void {
  client.value?.close();
  storeToken(token);
  sign_in_error.value = null;
  session.value = null;
  const made = new InboxClient({ url: engineUrl(), token });
  made.onState((state) => {
    if (client.value !== made) return;
    if (state.phase === "online" && made.session) {
      clock_skew.value = made.session.server.time - Date.now();
      now.value = made.session.server.time;
      session.value = made.session;
    }
    connection.value = state;
    if (state.phase === "closed") {
      sign_in_error.value = state.error;
      if (state.error) storeToken(null);
      client.value = null;
      session.value = null;
    }
  });
  client.value = made;
  void made.connect().catch(() => undefined);
}

export function signOut(): void {
  storeToken(null);
  client.value?.close();
  client.value = null;
  session.value = null;
  connection.value = { phase: "idle" };
}

// What somebody sees without a session: how to get one, or what is wrong with theirs.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t, word } from "../i18n/index.js";
import { connection, sign_in_error, signIn } from "../state/session.js";
import { Field } from "./bits.js";

export function SignIn(): JSX.Element {
  const [token, setToken] = useState("");
  const error = sign_in_error.value;
  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={(event) => {
        event.preventDefault();
        // A whole link is as good as the token in it.
        const given = (/[#&]token=([^&\s]+)/.exec(token)?.[1] ?? token).trim();
        if (given) signIn(decodeURIComponent(given));
      }}>
        <img src="/icon.svg" width="48" height="48" alt="" />
        <h1>inboxd</h1>
        <p>{t("sign_in.text")}</p>
        {error ? <p class="field-error" role="alert" data-testid="sign-in-error">{word("error", error.reason)}</p> : null}
        <Field label={t("sign_in.token")}>{(id) => <input id={id} value={token} onInput={(e) => setToken(e.currentTarget.value)} autocomplete="off" spellcheck={false} data-testid="token" />}</Field>
        <button type="submit" class="button primary" disabled={token.trim() === ""} data-testid="sign-in">{t("sign_in.button")}</button>
      </form>
    </main>
  );
}

export function Opening(): JSX.Element {
  const waiting = connection.value.phase === "waiting";
  return (
    <main class="sign-in"><div class="sign-in-card"><img class="pulse" src="/icon.svg" width="48" height="48" alt="" /><p role="status">{waiting ? t("connection.waiting") : t("connection.opening")}</p></div></main>
  );
}

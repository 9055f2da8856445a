// Whether what is shown is live, said plainly.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { connection, inbox } from "../state/session.js";
import { Icon } from "./icons.js";

export function ConnectionBar(): JSX.Element | null {
  const state = connection.value;
  const [, tick] = useState(0);
  const down = state.phase === "waiting" || state.phase === "connecting";
  useEffect(() => {
    if (!down) return;
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [down]);
  if (!down) return null;
  const seconds = state.phase === "waiting" ? Math.max(0, Math.ceil((state.until - Date.now()) / 1000)) : 0;
  return (
    <div class="connection" role="status" data-testid="connection" data-phase={state.phase}>
      <Icon name="warn" size={16} /><span>{t("connection.down")}</span>
      <span aria-hidden="true">{seconds > 0 ? t("connection.again_in", { n: seconds }) : t("connection.trying")}</span>
      {state.phase === "waiting" ? <button type="button" class="link" onClick={() => inbox().wake()}>{t("connection.now")}</button> : null}
    </div>
  );
}

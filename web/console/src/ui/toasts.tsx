// The short words at the foot of the page.
import type { JSX } from "preact";
import { t } from "../i18n/index.js";
import { dismiss, toasts } from "../state/toasts.js";
import { IconButton } from "./bits.js";
import { Icon } from "./icons.js";

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((one) => (
        <div key={one.id} class={`toast toast-${one.kind}`} data-testid="toast">
          <Icon name={one.kind === "error" ? "warn" : "check"} size={18} /><span>{one.text}</span>
          {one.action ? <button type="button" class="link" onClick={() => {
            dismiss(one.id);
            one.action!.run();
          }}>{one.action.label}</button> : null}
          <IconButton icon="close" label={t("close")} onClick={() => dismiss(one.id)} />
        </div>
      ))}
    </div>
  );
}

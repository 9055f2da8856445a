// The page: side menu, then the inbox in three columns (one at a time on a phone) or the wallboard.
import type { JSX } from "preact";
import { t } from "./i18n/index.js";
import { details_open } from "./state/prefs.js";
import { place } from "./state/router.js";
import { client, session } from "./state/session.js";
import { viewName } from "./state/views.js";
import { ConnectionBar } from "./ui/connection.js";
import { ContactList } from "./ui/contact_list.js";
import { Conversation } from "./ui/conversation.js";
import { Details } from "./ui/details.js";
import { Nav } from "./ui/nav.js";
import { SearchBar } from "./ui/search_bar.js";
import { ShortcutSheet } from "./ui/shortcuts.js";
import { Opening, SignIn } from "./ui/sign_in.js";
import { Toasts } from "./ui/toasts.js";
import { ViewEditor } from "./ui/view_editor.js";
import { ViewPicker } from "./ui/view_picker.js";
import { Wallboard } from "./ui/wallboard.js";

export function App(): JSX.Element {
  if (!client.value) return <SignIn />;
  if (!session.value) return <Opening />;
  const { page, contact } = place.value;
  return (
    <div class={`page ${contact ? "has-contact" : ""} ${details_open.value ? "has-details" : ""}`}>
      <Nav />
      <ConnectionBar />
      {page === "wallboard" ? <Wallboard /> : (
        <main class="inbox" aria-label={t("nav.messages")}>
          <h1 class="sr-only">{t("list.label", { view: viewName(place.value.view) })}</h1>
          <section class="contacts" aria-label={t("contacts.label")}>
            <SearchBar />
            <ViewPicker />
            <ContactList />
          </section>
          <Conversation />
          <Details />
        </main>
      )}
      <ViewEditor />
      <ShortcutSheet />
      <Toasts />
    </div>
  );
}

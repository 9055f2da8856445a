// Starts what lives as long as the page, and what lives as long as a client.
import { effect, untracked } from "@preact/signals";
import { followContact } from "./contact.js";
import { followDirectory } from "./directory.js";
import { followList } from "./list.js";
import { followNotifications, followTitle } from "./notifications.js";
import { startRouter } from "./router.js";
import { probeSearch } from "./search.js";
import { client, startSession } from "./session.js";
import { followViews, reloadViews } from "./views.js";

export function startState(): void {
  startSession();
  startRouter();
  effect(() => {
    const inbox = client.value;
    if (!inbox) return;
    untracked(() => {
      followViews(inbox);
      followDirectory(inbox);
      followNotifications(inbox);
      inbox.onState((state) => {
        if (state.phase !== "online" || client.peek() !== inbox) return;
        reloadViews(inbox);
        void probeSearch(inbox);
      });
    });
  });
  followList();
  followContact();
  followTitle();
}

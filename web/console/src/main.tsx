import { render } from "preact";
import { App } from "./app.js";
import { startPrefs } from "./state/prefs.js";
import { startState } from "./state/start.js";
import { startShortcuts } from "./ui/shortcuts.js";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/inbox.css";
import "./styles/search.css";
import "./styles/conversation.css";
import "./styles/wallboard.css";

// The token is taken out of the address before anything else may read it; the words of the language come with the first paint.
startState();
void startPrefs().then(() => {
  startShortcuts();
  render(<App />, document.getElementById("app")!);
});

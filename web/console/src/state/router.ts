// Where the user is, in the fragment: `#/view/mine/contact/c1` or `#/wallboard`. The token link is read once and removed.
import { signal } from "@preact/signals";

export interface Place { page: "inbox" | "wallboard"; view: string; contact: string | null }

export function parsePlace(hash: string): Place {
  const parts = hash.replace(/^#\/?/, "").split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  const place: Place = { page: "inbox", view: "mine", contact: null };
  if (parts[0] === "wallboard") return { ...place, page: "wallboard" };
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const value = parts[i + 1];
    if (!value) continue;
    if (parts[i] === "view") place.view = value;
    if (parts[i] === "contact") place.contact = value;
  }
  return place;
}

export function formatPlace(place: Place): string {
  if (place.page === "wallboard") return "#/wallboard";
  const contact = place.contact === null ? "" : `/contact/${encodeURIComponent(place.contact)}`;
  return `#/view/${encodeURIComponent(place.view)}${contact}`;
}

export const place = signal<Place>(parsePlace(""));

/** Takes `#token=…` out of the address, so that it is neither shown, shared nor kept in the history. */
export function takeToken(): string | null {
  const found = /[#&]token=([^&]+)/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return decodeURIComponent(found[1]!);
}

export function startRouter(): void {
  place.value = parsePlace(location.hash);
  addEventListener("hashchange", () => {
    place.value = parsePlace(location.hash);
  });
}

export function go(to: Partial<Place>, options: { replace?: boolean } = {}): void {
  const next = { ...place.value, ...to };
  const hash = formatPlace(next);
  if (hash === location.hash) {
    place.value = next;
    return;
  }
  if (options.replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  place.value = next;
}
addEventListener("popstate", () => {
  place.value = parsePlace(location.hash);
});

export const openContact = (contact: string | null): void => go({ page: "inbox", contact });
export const openView = (view: string): void => go({ page: "inbox", view, contact: null });

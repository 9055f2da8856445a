// The page's icons, drawn here: strokes on a 20 by 20 grid in the colour of the text.
import type { JSX } from "preact";
import type { ChannelKind } from "@inboxd/client";

const paths = {
  inbox: "M3 11h4l1.5 2.500h3L13 11h4M3 11l2.2-6h9.600L17 11v4.500a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
  chart: "M3.5 16.500h13M5.5 13.500v-3M9 13.500v-7M12.5 13.500v-5M16 13.500v-9",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5 17 17",
  alarm: "M10 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM10 8v3l2 1.500M3 6l2.5-2.500M17 6l-2.5-2.5",
  check: "M4 10.5 8 14.5 16 6",
  check2: "M1.5 10.500l4 4 8-8.500M9.5 14l.5.5 8-8.5",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.5 2",
  warn: "M10 7v4M10 13.600v.100M9 3.5 2.5 15a1.2 1.2 0 0 0 1 1.800h13a1.2 1.2 0 0 0 1-1.800L11 3.500a1.2 1.2 0 0 0-2 0z",
  down: "M5.5 8l4.5 4.500L14.5 8",
  left: "M12 5l-5 5 5 5",
  close: "M5 5l10 10M15 5 5 15",
  plus: "M10 4v12M4 10h12",
  more: "M5 9.600a.4.4 0 1 0 0 .800.4.4 0 0 0 0-.800zM10 9.600a.4.4 0 1 0 0 .800.4.4 0 0 0 0-.800zM15 9.600a.4.4 0 1 0 0 .800.4.4 0 0 0 0-.800z",
  user: "M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.400zM3.8 16.500c.8-3 3.2-4.5 6.2-4.500s5.4 1.5 6.2 4.5",
  team: "M7.5 9.500a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.400zM2.5 16c.6-2.7 2.5-4 5-4s4.4 1.3 5 4M13 9.500a2.4 2.4 0 0 0 0-4.800M14.5 12.200c1.7.5 2.7 1.8 3.1 3.8",
  send: "M3.5 10 16.5 4l-4 12.5-3-5zM9.5 11.5 16.5 4",
  note: "M4 4h12v8.500L12.5 16H4zM12.5 16v-3.500H16M7 7.500h6M7 10.500h3",
  clip: "M14.5 9.5 9.8 14.200a3 3 0 0 1-4.3-4.300l5.7-5.700a2 2 0 0 1 2.9 2.900L8.5 12.700a1 1 0 0 1-1.4-1.400l4.7-4.7",
  lines: "M4 5.5h12M4 10h12M4 14.5h7",
  pin: "M10 17.500s5.5-4.7 5.5-9a5.5 5.5 0 1 0-11 0c0 4.3 5.5 9 5.5 9zM10 10.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  bell: "M5 13.500V9a5 5 0 0 1 10 0v4.500l1.5 1.500h-13zM8.5 17h3",
  sun: "M10 13.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 2v1.500M10 16.500V18M2 10h1.500M16.5 10H18M4.3 4.300l1.1 1.100M14.6 14.600l1.1 1.100M15.7 4.300l-1.1 1.100M5.4 14.600l-1.1 1.1",
  moon: "M16.5 11.800A7 7 0 0 1 8.2 3.500a7 7 0 1 0 8.3 8.300z",
  help: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM8 8a2 2 0 1 1 2.7 1.900c-.5.2-.7.6-.7 1.100v.500M10 13.700v.050",
  reopen: "M4 8.500A6.2 6.2 0 1 1 3.8 11M4 4.500v4h4",
  block: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM5.2 5.200l9.6 9.6",
  merge: "M5 4v3c0 3 5 2.5 5 6v3M15 4v3c0 3-5 2.5-5 6M7.5 13.5 10 16l2.5-2.5",
  mail: "M3 5h14v10H3zM3 6l7 5 7-5",
  tag: "M3.5 9.500V3.500h6l7 7-6 6zM6.8 6.800h.010",
  edit: "M4 16l.7-3.200L13 4.500l2.5 2.5-8.3 8.300z",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  flag: "M5 17V3.500h9l-2 3.5 2 3.500H5",
  panel: "M3 4h14v12H3zM12.5 4v12",
  sort: "M6.5 4v12M3.5 13l3 3 3-3M12 5h5M12 9.5h4M12 14h3",
  pause: "M7 4.500v11M13 4.500v11",
  filter: "M3 5h14M5.5 10h9M8 15h4",
  exit: "M8 4H4v12h4M12.5 6.5 16 10l-3.5 3.500M16 10H8",
  link: "M8.5 11.500l3-3M9 6.500l1.7-1.700a3.2 3.2 0 0 1 4.5 4.500L13.5 11M11 13.500l-1.7 1.700a3.2 3.2 0 0 1-4.5-4.500L6.5 9",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20, class: cls }: { name: IconName; size?: number; class?: string }): JSX.Element {
  return (
    <svg class={`icon ${cls ?? ""}`} width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** What tells the kinds of channel apart at 12 pixels. */
const channel_paths: Record<ChannelKind, string> = {
  whatsapp: "M4 16l.9-3A6 6 0 1 1 7.2 15.200zM8 7.500c0 2.5 2 4.5 4.5 4.5",
  messenger: "M10 3.500c-4 0-7 2.7-7 6.2 0 2 1 3.7 2.5 4.800V17l2.3-1.300c.7.2 1.4.3 2.2.3 4 0 7-2.8 7-6.300s-3-6.2-7-6.200zM6.5 11 9 8.500l2 1.700L13.5 8",
  instagram: "M6.5 3.500h7a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3zM10 12.800a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600z",
  telegram: "M3.5 10 16.5 4.5 14 16l-4-3-2 2v-3.500l6-5",
  line: "M10 4c-4 0-7 2.4-7 5.5 0 2.6 2.2 4.7 5.3 5.300L8 17l4.5-2.600c2.7-.9 4.5-2.7 4.5-4.900C17 6.4 14 4 10 4z",
  viber: "M5.5 4.500h9a2 2 0 0 1 2 2V12a2 2 0 0 1-2 2h-3L8 17v-3H5.500a2 2 0 0 1-2-2V6.500a2 2 0 0 1 2-2zM8 7.500c.5 2 1.5 3 3.5 3.5",
  wechat: "M8 4c-3 0-5.5 2-5.5 4.5 0 1.5.8 2.7 2 3.500L4 14l2.3-1.100c.5.1 1.1.2 1.7.2M12.5 8.500c-2.8 0-5 1.7-5 4s2.2 4 5 4c.5 0 1-.1 1.5-.2L16 17.500l-.4-1.900c1.2-.7 1.9-1.8 1.9-3.1 0-2.3-2.2-4-5-4z",
  sms: "M4 4.500h12v9H9.500L6 16.500v-3H4zM7 8h6M7 10.500h4",
  email: "M3 5h14v10H3zM3 6l7 5 7-5",
  webchat: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c2 2 2.8 4.3 2.8 7S12 15 10 17c-2-2-2.8-4.3-2.8-7S8 5 10 3z",
  custom: "M10 3l6 3.500v7L10 17l-6-3.500v-7zM4 6.500l6 3.5 6-3.500M10 10v7",
};

export function ChannelIcon({ kind, size = 14 }: { kind: ChannelKind; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={channel_paths[kind] ?? channel_paths.custom} />
    </svg>
  );
}

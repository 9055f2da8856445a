// The view selector: what list one looks at, with the live numbers of each; "mine" is always one press away.
import type { JSX } from "preact";
import type { ViewInfo } from "@inboxd/client";
import { t } from "../i18n/index.js";
import { list, sorts as chosen_sorts } from "../state/list.js";
import { openView, place } from "../state/router.js";
import { is_manager, me } from "../state/session.js";
import { counting, countersOf, groups, isSystem, isTeam, sortName, viewInfo, viewName } from "../state/views.js";
import { CountBadge, IconButton, Menu, MenuItem } from "./bits.js";
import { Icon, type IconName } from "./icons.js";
import { edited_view, sorts } from "./view_editor.js";

const icons: Record<string, IconName> = { mine: "user", unassigned: "inbox", all: "mail", snoozed: "alarm", done: "check", blocked: "block" };
export const viewIcon = (view: string): IconName => icons[view] ?? (isTeam(view) ? "team" : "filter");

export function ViewPicker(): JSX.Element {
  const { view } = place.value;
  const { system, team, custom } = groups.value;
  return (
    <div class="picker">
      <div class="picker-row">
        <Menu label={t("picker.label")} testid="view-picker" align="start" class="picker-menu" face={
          <><Icon name={viewIcon(view)} size={18} /><span class="sr-only">{t("picker.label")}: </span><span class="picker-name" data-testid="view-current">{viewName(view)}</span>
            <ViewBadge view={view} /><Icon name="down" size={16} /></>}>
          {(close) => (
            <>
              <div class="menu-scroll picker-scroll">
                <Group title={null} views={system} close={close} />
                <Group title={t("teams")} views={team} close={close} />
                <Group title={t("picker.custom")} views={custom} close={close} />
              </div>
              <div class="picker-foot">
                <MenuItem icon="plus" label={t("picker.new")} testid="view-new" onClick={() => {
                  close();
                  edited_view.value = "new";
                }} />
              </div>
            </>
          )}
        </Menu>
        <SortMenu view={view} />
      </div>
      <div class="quick" role="group" aria-label={t("picker.quick")}>
        {["mine", "unassigned", "all"].map((one) => (
          <button type="button" key={one} class="quick-view" aria-pressed={view === one} onClick={() => openView(one)} data-testid={`quick-${one}`}>
            {viewName(one)} <CountBadge counters={countersOf(one)} />
          </button>
        ))}
      </div>
    </div>
  );
}

/** The number of contacts; while the engine still counts them, how far it is. */
function ViewBadge({ view }: { view: string }): JSX.Element {
  const progress = counting.value[view];
  if (!progress) return <CountBadge counters={countersOf(view)} />;
  const percent = Math.floor((100 * progress.done) / Math.max(1, progress.total));
  return <span class="badge badge-counting" data-testid="counting" title={t("build.counting", { percent })}><span aria-hidden="true">{t("build.percent", { percent })}</span><span class="sr-only">{t("build.counting", { percent })}</span></span>;
}

function Group({ title, views, close }: { title: string | null; views: readonly ViewInfo[]; close: () => void }): JSX.Element | null {
  if (views.length === 0) return null;
  return (
    <>
      {title ? <p class="menu-title">{title}</p> : null}
      {views.map((info) => (
        <div class="picker-item" key={info.view}>
          <MenuItem icon={viewIcon(info.view)} label={viewName(info.view)} hint={<ViewBadge view={info.view} />} checked={place.value.view === info.view}
            testid={`view-${info.view}`} onClick={() => {
              close();
              openView(info.view);
            }} />
          {!isSystem(info.view) && !isTeam(info.view) && (is_manager.value || info.owner == null || info.owner.id === me.value) ? (
            <IconButton icon="edit" label={t("picker.edit", { name: info.name })} onClick={() => {
              close();
              edited_view.value = info;
            }} />
          ) : null}
        </div>
      ))}
    </>
  );
}

function SortMenu({ view }: { view: string }): JSX.Element {
  const current = list.value.sort ?? viewInfo(view)?.sort ?? "newest";
  return (
    <Menu label={`${t("sort.label")}: ${sortName(current)}`} icon="sort" testid="sort">
      {(close) => sorts.map((sort) => (
        <MenuItem key={sort} label={sortName(sort)} checked={sort === current} testid={`sort-${sort}`} onClick={() => {
          close();
          chosen_sorts.value = { ...chosen_sorts.value, [view]: sort };
        }} />
      ))}
    </Menu>
  );
}

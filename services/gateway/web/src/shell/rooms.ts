// The code of each page, fetched when somebody goes to it, or is about to. A star stands for an id.
import type { Component } from "svelte";
import { placeOf } from "../lib/router.svelte";

type Code<Props extends Record<string, unknown>> = Promise<{ default: Component<Props> }>;
type Page = Code<Record<string, never>>;
type PageOfOne = Code<{ id: string }>;

const PAGES: Readonly<Record<string, () => Page>> = {
  jobs: () => import("../pages/jobs/JobsPage.svelte"),
  runs: () => import("../pages/runs/RunsPage.svelte"),
  people: () => import("../pages/people/PeoplePage.svelte"),
  "people/import": () => import("../pages/people/ImportPage.svelte"),
  plans: () => import("../pages/plans/PlansPage.svelte"),
  access: () => import("../pages/access/AccessPage.svelte"),
  mail: () => import("../pages/mail/DeliveriesPage.svelte"),
  "mail/templates": () => import("../pages/mail/TemplatesPage.svelte"),
  "mail/campaigns": () => import("../pages/mail/CampaignsPage.svelte"),
  "mail/setup": () => import("../pages/mail/SetupPage.svelte"),
  alerts: () => import("../pages/alerts/AlertsPage.svelte"),
  servers: () => import("../pages/servers/ServersPage.svelte"),
  backups: () => import("../pages/backups/BackupsPage.svelte"),
  settings: () => import("../pages/settings/SettingsPage.svelte"),
  hooks: () => import("../pages/hooks/HooksPage.svelte"),
  accounts: () => import("../pages/accounts/AccountsPage.svelte"),
  audit: () => import("../pages/audit/AuditPage.svelte"),
  preferences: () => import("../pages/preferences/PreferencesPage.svelte"),
};

const PAGES_OF_ONE: Readonly<Record<string, () => PageOfOne>> = {
  "runs/*": () => import("../pages/runs/RunPage.svelte"),
  "people/*": () => import("../pages/person/PersonPage.svelte"),
  "servers/*": () => import("../pages/servers/ServerPage.svelte"),
  "mail/templates/*": () => import("../pages/mail/TemplatePage.svelte"),
  "mail/campaigns/*": () => import("../pages/mail/CampaignPage.svelte"),
};

export interface Room {
  /** The same for the same page of the same thing. */
  key: string;
  page?: Page;
  /** Of a page that shows one of many. */
  one?: { id: string; page: PageOfOne };
}

/** Where an address leads, by its parts; what nobody knows leads to what it stands below. */
export function roomOf(parts: readonly string[]): Room {
  const key = parts.join("/");
  const page = PAGES[key];
  if (page) return { key, page: page() };
  const above = parts.slice(0, -1);
  const pageOfOne = PAGES_OF_ONE[[...above, "*"].join("/")];
  if (pageOfOne) return { key, one: { id: parts.at(-1)!, page: pageOfOne() } };
  return roomOf(above.length ? above : ["jobs"]);
}

/** Fetches the code of a page before it is gone to. */
export function prepare(parts: readonly string[]): void {
  const { page, one } = roomOf(parts);
  // Whoever goes there is told what went wrong.
  (page ?? one?.page)?.catch(() => undefined);
}

/** Fetches the code of the page behind the link that the pointer or the focus is on. */
export function prepareLinked(event: Event): void {
  const link = (event.target as Element).closest?.("a");
  const place = link?.origin === location.origin ? placeOf(link.pathname) : null;
  if (place) prepare(place);
}

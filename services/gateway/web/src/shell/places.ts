// The pages that can be gone to, and who may. Those in front stand at the bottom of a phone, the others behind "More".
import { type PageName } from "../lib/router.svelte";
import { session, type Role } from "../lib/session.svelte";

export interface Place {
  name: PageName;
  role: Role;
  front: boolean;
}

const PLACES: readonly Place[] = [
  { name: "jobs", role: "viewer", front: true },
  { name: "runs", role: "viewer", front: true },
  { name: "people", role: "viewer", front: true },
  { name: "plans", role: "viewer", front: false },
  { name: "access", role: "viewer", front: false },
  { name: "mail", role: "viewer", front: false },
  { name: "alerts", role: "viewer", front: false },
  { name: "servers", role: "viewer", front: true },
  { name: "backups", role: "operator", front: false },
  { name: "settings", role: "viewer", front: false },
  { name: "hooks", role: "admin", front: false },
  { name: "accounts", role: "admin", front: false },
  { name: "audit", role: "admin", front: false },
  { name: "preferences", role: "viewer", front: false },
];

/** The pages for the person who is logged in. */
export const places = (): Place[] => PLACES.filter((place) => session.may(place.role));

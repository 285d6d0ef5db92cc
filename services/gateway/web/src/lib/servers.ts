// The kinds of servers: what they are called, and where they usually are.
import type { Server } from "./api";

export type ServerKind = Server["kind"];

export const PRODUCTS = { plex: "Plex", jellyfin: "Jellyfin", shoko: "Shoko" } as const satisfies Record<ServerKind, string>;

export const EXAMPLES = {
  plex: "http://192.168.1.10:32400",
  jellyfin: "http://192.168.1.10:8096",
  shoko: "http://192.168.1.10:8111",
} as const satisfies Record<ServerKind, string>;

export const isKind = (text: string | null): text is ServerKind => text !== null && text in PRODUCTS;

/** Whether it has libraries, and people accounts on it. */
export const servesMedia = (server: Pick<Server, "kind">): boolean => server.kind !== "shoko";

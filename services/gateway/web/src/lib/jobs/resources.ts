// What a run holds for itself alone, in words.
import type { Server } from "../api";
import { t } from "../i18n/index.svelte";

/** The library of a server, or its streams: its id without dashes is in the name. */
const OF_SERVER = /^(library|streams)\.([0-9a-f]{32})$/;

export const ofServer = (resource: string): boolean => OF_SERVER.test(resource);

/** "Attic's library"; a name that somebody has made up, or a server's that is gone, as it is. */
export function resourceWords(resource: string, servers: readonly Pick<Server, "id" | "name">[]): string {
  const [, what, id] = OF_SERVER.exec(resource) ?? [];
  const server = servers.find((server) => server.id.replaceAll("-", "") === id);
  return server ? t(what === "library" ? "resource.library" : "resource.streams", { server: server.name }) : resource;
}

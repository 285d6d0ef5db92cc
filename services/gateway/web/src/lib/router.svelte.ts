// Which page is shown. Addresses are real ones, so that back, forward, reload and a shared link all do what they should.

export const PAGES = ["jobs", "runs", "people", "plans", "access", "mail", "alerts", "servers", "backups", "settings", "hooks", "accounts", "audit", "preferences"] as const;
export type PageName = (typeof PAGES)[number];

const ROOT = "/admin/";

/** The parts of a page's address; null: it is not one of ours. */
export const placeOf = (path: string): string[] | null =>
  path.startsWith(ROOT) ? path.slice(ROOT.length).split("/").filter(Boolean).map(decodeURIComponent) : null;

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  readonly parts = $derived(placeOf(this.path) ?? []);
  readonly page = $derived(PAGES.find((name) => name === this.parts[0]));

  constructor() {
    addEventListener("popstate", () => this.#read());
    document.addEventListener("click", (event) => this.#click(event));
  }

  go(address: string, { replace = false } = {}): void {
    history[replace ? "replaceState" : "pushState"](null, "", address);
    this.#read();
    if (!replace) scrollTo(0, 0);
  }

  /** Change what stands behind the question mark; empty values are left out. The page stays. */
  filter(changes: Record<string, string>): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    this.go(query.size ? `${this.path}?${query}` : this.path, { replace: true });
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  #click(event: MouseEvent): void {
    const link = (event.target as Element).closest?.("a");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || !placeOf(link.pathname) || link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();

/** The address of a page, or of something below it. */
export const pageAddress = (page: PageName, ...below: string[]): string => ROOT + [page, ...below.map(encodeURIComponent)].join("/");

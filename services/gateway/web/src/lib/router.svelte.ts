// Which page is shown. Addresses are real ones, so that back, forward, reload and a shared link all do what they should.

export const PAGES = ["jobs", "runs", "people", "plans", "access", "servers", "settings", "accounts", "audit", "preferences"] as const;
export type PageName = (typeof PAGES)[number];

const ROOT = "/admin/";

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  readonly parts = $derived(this.path.slice(ROOT.length).split("/").filter(Boolean).map(decodeURIComponent));
  readonly page = $derived(PAGES.find((name) => name === this.parts[0]));
  readonly id = $derived(this.parts[1] ?? "");

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
    if (link.origin !== location.origin || !link.pathname.startsWith(ROOT) || link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const router = new Router();

export const pageAddress = (page: PageName, id = ""): string => ROOT + page + (id ? `/${encodeURIComponent(id)}` : "");

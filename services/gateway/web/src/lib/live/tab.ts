// The tab tells of failures and runs while the page is out of sight.

export interface Tab {
  title: string;
  failures: number;
  runs: number;
}

export function showTab({ title, failures, runs }: Tab): void {
  const marks = [failures ? `✕ ${failures}` : "", runs ? `▶ ${runs}` : ""].filter(Boolean).join(" ");
  document.title = `${marks ? `${marks} · ` : ""}${title} · Showrunner`;
  const icon = `/icons/${failures ? "failed" : runs ? "running" : "idle"}.svg`;
  const link = document.querySelector<HTMLLinkElement>("#tab-icon");
  if (link && link.getAttribute("href") !== icon) link.href = icon;
}

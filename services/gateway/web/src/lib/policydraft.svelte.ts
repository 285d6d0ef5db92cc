// One group of the settings in a form: read, changed there, and kept.
import { call, type SettingsView } from "./api";
import { t } from "./i18n/index.svelte";
import { toasts } from "./toasts.svelte";
import { explain } from "./trouble";

type Group = "alerts" | "backups" | "history";
type Draft<G extends Group> = { -readonly [K in keyof SettingsView[G]]-?: NonNullable<SettingsView[G][K]> };

export class PolicyDraft<G extends Group> {
  value = $state<Draft<G> | null>(null);
  error = $state("");
  busy = $state(false);
  readonly #group: G;

  constructor(group: G) {
    this.#group = group;
    void this.#attempt(async () => this.#take(await call("GET /api/settings")));
  }

  readonly keep = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    this.busy = true;
    await this.#attempt(async () => {
      this.#take(await call("PUT /api/settings", { body: { [this.#group]: this.value } }));
      toasts.say("good", t("settings.saved"));
    });
    this.busy = false;
  };

  #take(found: SettingsView): void {
    this.value = { ...found[this.#group] } as unknown as Draft<G>;
  }

  async #attempt(what: () => Promise<void>): Promise<void> {
    this.error = "";
    try {
      await what();
    } catch (caught) {
      this.error = explain(caught);
    }
  }
}

// What the settings say about access, and which day it is in their zone: people's access ends with a day there.
import { call, type AccessPolicy } from "./api";
import { clock } from "./time/clock.svelte";
import { dayIn } from "./time/days";

class Settings {
  access = $state.raw<AccessPolicy | null>(null);
  timezone = $state("UTC");
  readonly #minute = $derived(Math.floor(clock.now / 60_000));
  /** As "2026-03-01". */
  readonly today = $derived(dayIn(this.timezone, this.#minute * 60_000));

  /** Throws Problem or Unreachable. */
  async load(): Promise<void> {
    const found = await call("GET /api/settings");
    this.access = found.access;
    this.timezone = found.timezone;
  }

  /** Throws Problem or Unreachable. */
  async change(access: AccessPolicy): Promise<void> {
    this.access = (await call("PUT /api/settings", { body: { access } })).access;
  }
}

export const settings = new Settings();

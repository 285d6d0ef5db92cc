// Prints every run's new state. `node feed.mjs`, with SHOWRUNNER_NATS_URL in the environment.
import { connectTo } from "./showrunner.mjs";

const client = await connectTo(process.env.SHOWRUNNER_NATS_URL);
for await (const message of client.subscribe("feed.jobs")) {
  for (const run of message.json().runs) console.log(run.job, run.state, run.outcome ?? "");
}

// Does a port answer? `node port_watch.mjs`, with SHOWRUNNER_NATS_URL in the environment.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { JobFailed, runWorker } from "./showrunner.mjs";

const PORT = Number(process.env.WATCHED_PORT ?? 53);

const spec = {
  type: "spec.v1",
  name: "watch_port",
  title: "Watch a port",
  description: "Looks once a second whether a port answers, and fails if it never does.",
  category: "network",
  schedule: { type: "every", every_ms: 60_000 },
  attempts: 3,
  backoff_s: 5,
  parameters: [
    { name: "host", title: "Host", kind: "text", default: "127.0.0.1" },
    { name: "port", title: "Port", kind: "integer", default: PORT },
    { name: "looks", title: "How many looks", kind: "integer", default: 3 },
  ],
};

async function watch(run) {
  const { host = "127.0.0.1", port = PORT, looks = 3 } = run.params;
  let answered = 0;
  for (let look = 1; look <= looks; look++) {
    const open = await answers(host, port);
    answered += open;
    run.log(`look ${look}: ${open ? "it answers" : "no answer"}`, open ? "info" : "warning");
    run.progress(look / looks, `look ${look} of ${looks}`);
    if (look < looks) await pause(1000, undefined, { signal: run.signal });
  }
  if (!answered) throw new JobFailed("no_answer", `${host} did not answer at port ${port} in ${looks} looks.`);
  return `${answered} of ${looks} looks were answered`;
}

async function answers(host, port) {
  const socket = connect({ host, port, timeout: 1000 });
  socket.once("timeout", () => socket.destroy(new Error("time-out")));
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

await runWorker([{ spec, handler: watch }], { ackWaitS: Number(process.env.SHOWRUNNER_ACK_WAIT_S ?? 10) });

-- What the gateway keeps of jobs and runs. The schema is `jobs`; only the gateway writes it.

CREATE TABLE spec (
    job          text PRIMARY KEY,
    category     text NOT NULL,
    body         jsonb NOT NULL,
    number       integer GENERATED ALWAYS AS IDENTITY
);

CREATE TABLE control (
    job          text PRIMARY KEY,
    body         jsonb NOT NULL,
    revision     bigint NOT NULL
);

-- One row a run. `rank` orders what can be said of it (services/gateway/runs.py): a report of a lower rank changes nothing.
-- `number` counts the finished runs of a job; a run that has not finished has 0.
CREATE TABLE run (
    id              uuid PRIMARY KEY,
    job             text NOT NULL,
    category        text NOT NULL,
    rank            integer NOT NULL,
    state           text NOT NULL CHECK (state IN ('queued', 'running', 'retrying', 'finished')),
    trigger         text CHECK (trigger IN ('slot', 'manual', 'retry')),
    slot            timestamptz,
    due_at          timestamptz,
    fired_at        timestamptz,
    started_at      timestamptz,
    finished_at     timestamptz,
    attempt         integer NOT NULL DEFAULT 0,
    outcome         text CHECK (outcome IN ('succeeded', 'failed', 'skipped', 'cancelled')),
    summary         text NOT NULL DEFAULT '',
    error           jsonb,
    progress        real,
    note            text NOT NULL DEFAULT '',
    next_attempt_at timestamptz,
    worker          text NOT NULL DEFAULT '',
    params          jsonb,
    dry_run         boolean NOT NULL DEFAULT false,
    asked_by        text NOT NULL DEFAULT '',
    retry_of        uuid,
    number          integer NOT NULL DEFAULT 0,
    CHECK ((state = 'finished') = (outcome IS NOT NULL))
) WITH (fillfactor = 80);

-- Ids begin with the time, so this serves "the newest runs of a job", its count, and what is active.
CREATE INDEX run_of_job ON run (job, id DESC);
CREATE INDEX run_open ON run (job) WHERE state <> 'finished' OR trigger IS NULL;

-- Attempts that did not end their run; the last attempt stands in the run itself.
CREATE TABLE attempt (
    run          uuid NOT NULL,
    attempt      integer NOT NULL,
    worker       text NOT NULL,
    ended_at     timestamptz NOT NULL,
    next_at      timestamptz NOT NULL,
    error        jsonb NOT NULL,
    PRIMARY KEY (run, attempt)
);

CREATE TABLE log (
    run          uuid NOT NULL,
    attempt      integer NOT NULL,
    number       integer NOT NULL,
    at           timestamptz NOT NULL,
    level        text NOT NULL,
    text         text NOT NULL,
    PRIMARY KEY (run, attempt, number)
);

CREATE TABLE change (
    run          uuid NOT NULL,
    number       integer NOT NULL,
    action       text NOT NULL,
    target       text NOT NULL,
    why          text NOT NULL,
    before       jsonb,
    after        jsonb,
    state        text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'done', 'failed', 'skipped')),
    detail       text NOT NULL DEFAULT '',
    PRIMARY KEY (run, number)
);

-- Slots that were not fired, by range; a fired slot is its run.
CREATE TABLE skipped (
    job          text NOT NULL,
    first        timestamptz NOT NULL,
    last         timestamptz NOT NULL,
    count        integer NOT NULL,
    why          text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (job, first)
);

-- How far the projector has read each stream. `created` tells a stream from one that was made anew under its name.
CREATE TABLE position (
    stream       text PRIMARY KEY,
    created      text NOT NULL,
    sequence     bigint NOT NULL
);

CREATE TABLE account (
    name         text PRIMARY KEY,
    role         text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password     text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- The cookie holds a random token; only its SHA-256 is kept.
CREATE TABLE session (
    token        bytea PRIMARY KEY,
    account      text NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);

CREATE TABLE audit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT now(),
    who          text NOT NULL,
    address      text NOT NULL,
    action       text NOT NULL,
    target       text NOT NULL,
    before       jsonb,
    after        jsonb
);

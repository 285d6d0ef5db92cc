-- Alerts: what administrators are told of jobs, where they are told it, and what became of each.

-- Where alerts go: an address that apprise understands, sealed for this row. `service` is what it leads to.
CREATE TABLE alert_channel (
    name         text PRIMARY KEY,
    sealed       bytea NOT NULL,
    service      text NOT NULL,
    kinds        text[] NOT NULL,
    enabled      boolean NOT NULL,
    changed_at   timestamptz NOT NULL,
    changed_by   text NOT NULL
);

-- What was told of a job. `key` says what is told once only.
CREATE TABLE alert (
    id           uuid PRIMARY KEY,
    key          text NOT NULL UNIQUE,
    kind         text NOT NULL CHECK (kind IN ('failed', 'held', 'stuck', 'recovered', 'test')),
    job          text NOT NULL,
    title        text NOT NULL,
    run          uuid,
    reason       text NOT NULL,
    at           timestamptz NOT NULL
);

CREATE INDEX alert_of_time ON alert (at DESC, id DESC);

-- An alert on its way to one channel. `claimed`: the attempt of a run has it.
CREATE TABLE alert_sending (
    alert_id     uuid NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    channel      text NOT NULL REFERENCES alert_channel (name) ON DELETE CASCADE,
    state        text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'claimed', 'sent', 'failed', 'dropped')),
    tries        integer NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL,
    answer       text NOT NULL DEFAULT '',
    run          uuid,
    attempt      integer NOT NULL DEFAULT 0,
    claimed_at   timestamptz,
    closed_at    timestamptz,
    PRIMARY KEY (alert_id, channel)
);

CREATE INDEX alert_sending_open ON alert_sending (next_at) WHERE state IN ('due', 'claimed');
CREATE INDEX alert_sending_of_channel ON alert_sending (channel, closed_at DESC);

-- The jobs about which administrators need not hear the same again for now. `key` is that of the alert.
CREATE TABLE alert_told (
    job          text PRIMARY KEY,
    key          text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('failed', 'held', 'stuck')),
    run          uuid NOT NULL,
    at           timestamptz NOT NULL,
    unwell_at    timestamptz NOT NULL,
    over         boolean NOT NULL
);

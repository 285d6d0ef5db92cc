-- Hooks in: another program's call runs a job. `secret` is sealed where calls are signed, else the SHA-256 of a token.
CREATE TABLE hook_in (
    name         text PRIMARY KEY,
    job          text NOT NULL,
    params       jsonb NOT NULL,
    events       text[] NOT NULL,
    proof        text NOT NULL CHECK (proof IN ('signature', 'token')),
    per_minute   integer NOT NULL,
    enabled      boolean NOT NULL,
    secret       bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    called_at    timestamptz,
    last_event   text NOT NULL DEFAULT '',
    last_result  text NOT NULL DEFAULT ''
);

-- Signatures that have run a job, for as long as their time is near enough to be taken.
CREATE TABLE hook_call (
    hook         text NOT NULL REFERENCES hook_in (name) ON DELETE CASCADE,
    signature    bytea NOT NULL,
    ends_at      timestamptz NOT NULL,
    PRIMARY KEY (hook, signature)
);

-- Hooks out: another program is told how runs ended. Empty `jobs` and `categories` mean all; `secret` is sealed.
CREATE TABLE hook_out (
    id           uuid PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    url          text NOT NULL,
    events       text[] NOT NULL,
    jobs         text[] NOT NULL,
    categories   text[] NOT NULL,
    enabled      boolean NOT NULL,
    secret       bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- One row a hook and run: `id` is made from both. `next_at` is when a due one is tried (again).
CREATE TABLE hook_delivery (
    id           uuid PRIMARY KEY,
    number       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    hook         uuid NOT NULL REFERENCES hook_out (id) ON DELETE CASCADE,
    run          uuid NOT NULL,
    job          text NOT NULL,
    event        text NOT NULL CHECK (event IN ('finished', 'failed', 'recovered', 'held')),
    state        text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'sent', 'failed')),
    tries        integer NOT NULL DEFAULT 0,
    status       integer,
    answer       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    next_at      timestamptz NOT NULL,
    closed_at    timestamptz
);

CREATE INDEX hook_delivery_due ON hook_delivery (hook, next_at) WHERE state = 'due';
CREATE INDEX hook_delivery_of_hook ON hook_delivery (hook, number DESC);
CREATE INDEX hook_delivery_closed ON hook_delivery (closed_at) WHERE state <> 'due';

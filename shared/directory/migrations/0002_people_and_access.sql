-- Who should have what: subscriptions and rules beside what was observed, and the ledger of what was done about it.

-- A library's small number: sets of libraries are kept and compared by it.
ALTER TABLE library ADD number integer GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX library_of_number ON library (number);

-- `wanted`: somebody is to be invited; nothing of it is on the server yet.
ALTER TABLE account
    DROP CONSTRAINT account_state_check,
    ADD CONSTRAINT account_state_check CHECK (state IN ('active', 'pending', 'disabled', 'removed', 'wanted')),
    ADD share_id text NOT NULL DEFAULT '';  -- plex.tv's number of the share: the same before and after an invitation is accepted

-- From `managed_since` on, rules decide what a person has; before, they are left as found.
ALTER TABLE person
    ADD second_email   text NOT NULL DEFAULT '',
    ADD language       text NOT NULL DEFAULT '',
    ADD notes          text NOT NULL DEFAULT '',
    ADD state          text NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'pre_expired', 'reminder', 'expired', 'invited', 'suspended', 'removed')),
    ADD state_since    timestamptz NOT NULL DEFAULT now(),
    ADD managed_since  timestamptz,
    ADD suspended_at   timestamptz,
    ADD suspended_why  text NOT NULL DEFAULT '';

CREATE INDEX person_of_state ON person (state, name, id);

-- `days` is the length of one period; without it the plan is for life.
CREATE TABLE subscription_plan (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text NOT NULL UNIQUE,
    days         integer CHECK (days > 0),
    stream_limit integer CHECK (stream_limit > 0),
    notes        text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE plan_library (
    plan_id      uuid NOT NULL REFERENCES subscription_plan (id) ON DELETE CASCADE,
    library_id   uuid NOT NULL REFERENCES library (id) ON DELETE CASCADE,
    PRIMARY KEY (plan_id, library_id)
);

-- `expires_on` is the last day of access, in the zone of the settings; without it the subscription is for life.
-- `ended_for` and `spared_for` name the date that they are about: a new date makes them void.
CREATE TABLE subscription (
    person_id    uuid PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    plan_id      uuid REFERENCES subscription_plan (id),
    started_on   date NOT NULL,
    expires_on   date,
    ended_for    date,
    spared_for   date,
    end_approved boolean NOT NULL DEFAULT false
);

CREATE INDEX subscription_of_plan ON subscription (plan_id);
CREATE INDEX subscription_of_expiry ON subscription (expires_on);

-- Exceptions of one person: what they have beside their plan, or not in spite of it, or even when access has ended.
CREATE TABLE access_rule (
    person_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    library_id   uuid NOT NULL REFERENCES library (id) ON DELETE CASCADE,
    effect       text NOT NULL CHECK (effect IN ('allow', 'deny', 'always')),
    origin       text NOT NULL CHECK (origin IN ('person', 'found', 'by_hand', 'undo')),
    at           timestamptz NOT NULL DEFAULT now(),
    who          text NOT NULL DEFAULT '',
    note         text NOT NULL DEFAULT '',
    PRIMARY KEY (person_id, library_id)
);

-- What an account had when it last was as it should be: by this a change made by hand is told from one of ours.
CREATE TABLE settled_access (
    account_id   uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    libraries    integer[] NOT NULL,
    locked_by_us boolean NOT NULL DEFAULT false,
    at           timestamptz NOT NULL DEFAULT now()
);

-- Accounts on which a change failed, and when it is tried again.
CREATE TABLE access_trouble (
    account_id   uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    tries        integer NOT NULL,
    since        timestamptz NOT NULL DEFAULT now(),
    next_at      timestamptz NOT NULL,
    error        text NOT NULL
);

-- Everything that happened to a person, for people to read.
CREATE TABLE person_event (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    at           timestamptz NOT NULL DEFAULT now(),
    who          text NOT NULL,
    kind         text NOT NULL,
    before       jsonb,
    after        jsonb,
    note         text NOT NULL DEFAULT ''
);

CREATE INDEX person_event_of_person ON person_event (person_id, id DESC);

-- Effects outside: written down before (planned, then claimed) and closed after. `key` says what may happen once only.
-- `before` is what an undo puts back. Servers and accounts may go; what was done stays.
CREATE TABLE ledger (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text NOT NULL UNIQUE,
    run          uuid NOT NULL,
    job          text NOT NULL,
    number       integer NOT NULL,
    kind         text NOT NULL,
    person_id    uuid,
    server_id    uuid,
    account_id   uuid,
    target       text NOT NULL,
    why          text NOT NULL DEFAULT '',
    before       jsonb,
    after        jsonb,
    state        text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'held', 'claimed', 'done', 'failed', 'skipped')),
    detail       text NOT NULL DEFAULT '',
    planned_at   timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    undone_by    uuid
);

CREATE INDEX ledger_of_run ON ledger (run, number);
CREATE INDEX ledger_of_person ON ledger (person_id, id DESC);
CREATE INDEX ledger_of_account ON ledger (account_id, id DESC);
CREATE INDEX ledger_unclosed ON ledger (job) WHERE state IN ('planned', 'held', 'claimed');

-- What people set on the page, by name.
CREATE TABLE setting (
    name         text PRIMARY KEY,
    value        jsonb NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    changed_by   text NOT NULL
);

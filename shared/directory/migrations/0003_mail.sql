-- Mail: how it is set up, what is said when, and each message to each person, so that it goes out once.

-- Sealed for this row; what they are for is said by their names.
CREATE TABLE secret (
    name         text PRIMARY KEY,
    sealed       bytea NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    changed_by   text NOT NULL
);

-- What a notice says. Without a provider or plan it is for all.
CREATE TABLE mail_template (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event        text NOT NULL,
    days         integer NOT NULL CHECK (days >= 0),
    language     text NOT NULL,
    provider     text CHECK (provider IN ('plex', 'jellyfin')),
    plan_id      uuid REFERENCES subscription_plan (id) ON DELETE CASCADE,
    subject      text NOT NULL,
    text         text NOT NULL,
    html         text NOT NULL,
    enabled      boolean NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    changed_by   text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (event, days, language, provider, plan_id)
);

-- One message to many people. The people are chosen when it begins; from then on its deliveries say who gets it.
CREATE TABLE campaign (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text NOT NULL,
    language     text NOT NULL,
    subject      text NOT NULL,
    text         text NOT NULL,
    html         text NOT NULL,
    audience     jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'scheduled', 'sending', 'paused', 'stopped', 'sent')),
    scheduled_at timestamptz,
    begun_at     timestamptz,
    ended_at     timestamptz,
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL,
    changed_at   timestamptz NOT NULL,
    changed_by   text NOT NULL
);

CREATE INDEX campaign_under_way ON campaign (state) WHERE state IN ('scheduled', 'sending');

-- One message to one person. `key` says what may be sent once, and the Message-ID follows from it. `claimed`: the
-- attempt of a run has it, and nothing has gone out; `sending`: written right before it may go out.
-- People, templates and campaigns may go; what was sent stays.
CREATE TABLE delivery (
    id             uuid PRIMARY KEY,
    key            text NOT NULL UNIQUE,
    kind           text NOT NULL CHECK (kind IN ('notice', 'campaign', 'test')),
    event          text,
    days           integer NOT NULL DEFAULT 0,
    person_id      uuid REFERENCES person (id) ON DELETE SET NULL,
    name           text NOT NULL,
    address        text NOT NULL,
    second_address text NOT NULL DEFAULT '',
    language       text NOT NULL,
    template_id    uuid REFERENCES mail_template (id) ON DELETE SET NULL,
    campaign_id    uuid REFERENCES campaign (id) ON DELETE SET NULL,
    expires_on     date,
    subject        text NOT NULL DEFAULT '',
    state          text NOT NULL DEFAULT 'due'
        CHECK (state IN ('due', 'claimed', 'sending', 'sent', 'deferred', 'refused', 'uncertain', 'dropped')),
    tries          integer NOT NULL DEFAULT 0,
    next_at        timestamptz NOT NULL,
    answer         text NOT NULL DEFAULT '',
    message_id     text NOT NULL DEFAULT '',
    asked_by       text NOT NULL DEFAULT '',  -- a person wants it sent, whatever the rules say now
    run            uuid,
    attempt        integer NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    claimed_at     timestamptz,
    closed_at      timestamptz
);

CREATE INDEX delivery_waiting ON delivery (next_at, id) WHERE state IN ('due', 'deferred');
CREATE INDEX delivery_in_hand ON delivery (run) WHERE state IN ('claimed', 'sending');
CREATE INDEX delivery_of_time ON delivery (created_at DESC, id DESC);
CREATE INDEX delivery_of_closing ON delivery (closed_at) WHERE state IN ('sent', 'uncertain');
CREATE INDEX delivery_of_person ON delivery (person_id, created_at DESC);
CREATE INDEX delivery_of_campaign ON delivery (campaign_id, state);
CREATE INDEX delivery_of_template ON delivery (template_id);

-- They get no campaigns; notices about their access they still get. `how`: the link, one click, or by whom.
CREATE TABLE unsubscribed (
    person_id    uuid PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    at           timestamptz NOT NULL,
    how          text NOT NULL
);

-- What happened of late decides which news are due.
CREATE INDEX person_event_of_time ON person_event (at);

-- Media servers and what was seen on them. The schema is `media`; shared/directory is its one door.

CREATE TABLE server (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('plex', 'jellyfin')),
    name         text NOT NULL,
    url          text NOT NULL,
    local_url    text NOT NULL DEFAULT '',
    public_url   text NOT NULL DEFAULT '',
    token        bytea NOT NULL,  -- sealed for this row
    identifier   text NOT NULL DEFAULT '',
    real_name    text NOT NULL DEFAULT '',
    version      text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'unknown' CHECK (state IN ('up', 'down', 'unknown', 'unauthorized')),
    state_since  timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz,
    last_error   text NOT NULL DEFAULT '',
    latency_ms   real,
    enabled      boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- One machine is one server, whatever its names and addresses.
CREATE UNIQUE INDEX server_of_identifier ON server (kind, identifier) WHERE identifier <> '';

CREATE TABLE library (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    server_id    uuid NOT NULL REFERENCES server (id) ON DELETE CASCADE,
    outside_id   text NOT NULL,
    title        text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('movies', 'shows', 'music', 'photos', 'books', 'mixed', 'other')),
    item_count   integer NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    removed_at   timestamptz,
    UNIQUE (server_id, outside_id)
);

CREATE TABLE person (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text NOT NULL,
    email        text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- Of a Plex server, outside_id is plex.tv's number: the same on every Plex server.
CREATE TABLE account (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    server_id      uuid NOT NULL REFERENCES server (id) ON DELETE CASCADE,
    outside_id     text NOT NULL,
    person_id      uuid NOT NULL REFERENCES person (id),
    username       text NOT NULL,
    title          text NOT NULL,
    email          text NOT NULL DEFAULT '',
    role           text NOT NULL CHECK (role IN ('owner', 'admin', 'home', 'managed', 'friend', 'user')),
    state          text NOT NULL CHECK (state IN ('active', 'pending', 'disabled', 'removed')),
    all_libraries  boolean NOT NULL,
    last_active_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    removed_at     timestamptz,
    UNIQUE (server_id, outside_id),
    CHECK ((state = 'removed') = (removed_at IS NOT NULL))
);

CREATE INDEX account_of_outside_id ON account (outside_id);
CREATE INDEX account_of_person ON account (person_id);

CREATE TABLE observed_access (
    account_id   uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    library_id   uuid NOT NULL REFERENCES library (id) ON DELETE CASCADE,
    since        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, library_id)
);

CREATE INDEX observed_access_of_library ON observed_access (library_id);

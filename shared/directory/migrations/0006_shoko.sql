-- Shoko Servers: they know what anime files are, and what their users have watched. Nobody gets access there.

ALTER TABLE server DROP CONSTRAINT server_kind_check;
ALTER TABLE server ADD CONSTRAINT server_kind_check CHECK (kind IN ('plex', 'jellyfin', 'shoko'));

-- Of a Jellyfin server: the Shoko Server behind its plugin. Null is the only one that there is, if there is exactly one.
ALTER TABLE server ADD COLUMN shoko_id uuid REFERENCES server (id) ON DELETE SET NULL;
ALTER TABLE server ADD CONSTRAINT server_shoko_check CHECK (shoko_id IS NULL OR kind = 'jellyfin');
CREATE INDEX server_of_shoko ON server (shoko_id) WHERE shoko_id IS NOT NULL;

-- Who a person is on a Shoko Server, and the key with which their history is read and written. It is sealed for `id`,
-- so that it stays readable when two people turn out to be one.
CREATE TABLE shoko_user (
    server_id    uuid NOT NULL REFERENCES server (id) ON DELETE CASCADE,
    person_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    id           uuid NOT NULL UNIQUE,
    outside_id   text NOT NULL,
    username     text NOT NULL,
    sealed       bytea NOT NULL,
    state        text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'revoked')),
    changed_at   timestamptz NOT NULL,
    changed_by   text NOT NULL,
    PRIMARY KEY (server_id, person_id),
    UNIQUE (server_id, outside_id)
);

CREATE INDEX shoko_user_of_person ON shoko_user (person_id);

-- What an account had watched when it was last seen, by Shoko's ids: they stay when Jellyfin gives an item another id.
CREATE TABLE watch_memory (
    account_id    uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    shoko_file    text NOT NULL,
    shoko_episode text NOT NULL,
    shoko_series  text NOT NULL,
    item_id       text NOT NULL,
    data          jsonb NOT NULL,
    seen_at       timestamptz NOT NULL,
    PRIMARY KEY (account_id, shoko_file, shoko_episode)
);

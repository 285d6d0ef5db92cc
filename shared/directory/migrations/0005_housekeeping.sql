-- How long each server was in one state: what its availability is told from. `until` is null while it lasts.
CREATE TABLE server_spell (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    server_id    uuid NOT NULL REFERENCES server (id) ON DELETE CASCADE,
    state        text NOT NULL CHECK (state IN ('up', 'down', 'unknown', 'unauthorized')),
    since        timestamptz NOT NULL,
    until        timestamptz,
    error        text NOT NULL DEFAULT '',
    CHECK (until >= since)
);

CREATE UNIQUE INDEX server_spell_lasting ON server_spell (server_id) WHERE until IS NULL;
CREATE INDEX server_spell_of_server ON server_spell (server_id, since DESC);

INSERT INTO server_spell (server_id, state, since, error)
SELECT id, state, state_since, last_error FROM server WHERE enabled;

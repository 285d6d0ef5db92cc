-- API tokens, for programs. `hash` is the SHA-256 of the token, which is kept nowhere.
-- A token goes with the account that answers for it.
CREATE TABLE token (
    name         text PRIMARY KEY,
    hash         bytea NOT NULL UNIQUE,
    role         text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    account      text NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);

-- What people had decided about a job when a backup was made that was restored since, until the scheduler has taken it over.
CREATE TABLE restored_control (
    job          text PRIMARY KEY,
    body         jsonb NOT NULL
);

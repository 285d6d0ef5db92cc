-- A run can end as held: its plan, or a part of it, waits for a person to approve it.
ALTER TABLE run
    DROP CONSTRAINT run_outcome_check,
    ADD CONSTRAINT run_outcome_check CHECK (outcome IN ('succeeded', 'failed', 'skipped', 'cancelled', 'held'));

-- A test is a delivery of its own, about no run: its `job` is empty.
ALTER TABLE hook_delivery ALTER COLUMN run DROP NOT NULL;
ALTER TABLE hook_delivery DROP CONSTRAINT hook_delivery_event_check;
ALTER TABLE hook_delivery
    ADD CONSTRAINT hook_delivery_event_check CHECK (event IN ('finished', 'failed', 'recovered', 'held', 'test')),
    ADD CONSTRAINT hook_delivery_run_check CHECK ((run IS NULL) = (event = 'test'));

-- By the run that they approve or undo: the parameters `approves` and `undoes` name it.
CREATE INDEX run_approving ON run ((params ->> 'approves')) WHERE params ? 'approves';
CREATE INDEX run_undoing ON run ((params ->> 'undoes')) WHERE params ? 'undoes';

"""What jobs share that write their effects into the ledger: servers, telling, undoing."""

"""The durable record of every command: batches, their digest chain, snapshots, recovery."""

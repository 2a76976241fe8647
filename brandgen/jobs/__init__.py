"""Work for workers: rows with a lease, and the wake-ups that carry them."""

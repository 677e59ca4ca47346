"""Links, tags and watches as batches in the store, so that they survive the loss of the catalogue."""

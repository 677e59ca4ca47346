"""Stage 3: the index role, which makes changed links searchable."""

"""Where links, tags, schedules, imports and snapshot rows live: SQLite or PostgreSQL."""

"""Bytes somebody exported elsewhere → links, streaming, one row per source row."""

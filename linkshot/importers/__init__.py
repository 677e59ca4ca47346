"""Parses files exported by browsers and bookmark services into links; streaming, one row per source row."""

"""Reads web archives (WACZ and WARC) that anybody may have made."""

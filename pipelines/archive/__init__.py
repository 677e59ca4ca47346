"""Builds archive.wacz: the HTTP exchanges of a page in a form that other tools open and replay."""

"""Middleware and parsing in front of every route: proxies, hosts and origins, passwords, strict JSON."""

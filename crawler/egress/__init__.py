"""The only way out of a crawl worker: a proxy on loopback that checks every address (SSRF boundary)."""

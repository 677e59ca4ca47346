"""What stands before every route: origins, passwords, proxies, strict JSON, response headers."""

"""HTTP GET on loopback, never through a proxy."""

from __future__ import annotations

import http.client

from deploy.native.ports import LOOPBACK


def get(port: int, path: str, timeout_s: float = 5) -> tuple[int, bytes]:
    """Status and body of one GET; status 0 when nobody answers."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        link.close()

"""Reads TLS version and cipher suite from the first bytes that a server sends in a tunnel. (pure)

The ServerHello is not encrypted (RFC 5246 §7.4.1.3, RFC 8446 §4.1.3), so what the browser and the server agreed on
is known without a look inside the tunnel. The certificates are encrypted from TLS 1.3 on.
"""

from linkshot.domain.model import TlsParameters

HANDSHAKE, SERVER_HELLO = 22, 2
SUPPORTED_VERSIONS = 43
"""The extension with the version that counts from TLS 1.3 on."""
VERSIONS = {0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
CIPHERS = {
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
    0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
}
"""The suites that Chromium offers, by the names of IANA's registry; others stand there by number."""


def read_server_hello(data: bytes) -> TlsParameters | None:
    """The parameters in a server's first bytes; None when they are no ServerHello, or only a part of one."""
    try:
        hello = _message(data)
        legacy_version, at = _number(hello, 0, 2), 2 + 32  # past the random
        at += 1 + hello[at]  # past the session id
        cipher = _number(hello, at, 2)
        version = _supported_version(hello, at + 3) or legacy_version
    except (IndexError, ValueError):
        return None
    return TlsParameters(
        version=VERSIONS.get(version, f"0x{version:04x}"),
        cipher=CIPHERS.get(cipher, f"0x{cipher:04x}"),
    )


def _message(data: bytes) -> bytes:
    """The body of the ServerHello; ValueError without a whole one in the first record."""
    record = data[5 : 5 + _number(data, 3, 2)]
    if data[0] != HANDSHAKE or record[0] != SERVER_HELLO:
        raise ValueError("no ServerHello")
    length = _number(record, 1, 3)
    if len(record) < 4 + length:
        raise ValueError("a part of a ServerHello")
    return record[4 : 4 + length]


def _supported_version(hello: bytes, at: int) -> int | None:
    end, at = at + 2 + (_number(hello, at, 2) if at < len(hello) else 0), at + 2
    while at < end:
        kind, length = _number(hello, at, 2), _number(hello, at + 2, 2)
        if kind == SUPPORTED_VERSIONS:
            return _number(hello, at + 4, 2)
        at += 4 + length
    return None


def _number(data: bytes, at: int, size: int) -> int:
    found = data[at : at + size]
    if len(found) < size:
        raise IndexError("it ends before")
    return int.from_bytes(found, "big")

"""Asks the server of a page for its certificates, in a connection of its own.

Nobody else tells: a document that was read through CDP's Fetch domain carries no security details, and in
TLS 1.3 the certificates in the browser's tunnel are encrypted. The connection goes through the egress proxy,
as one more tunnel of the page to a host that it was connected to; it ends after the handshake, without a request.
So what it brings is what the server showed at that moment to somebody else than the browser.
"""

import asyncio
import hashlib
import ssl
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from crawler.egress import http_heads
from crawler.egress.traffic import TrafficMeter, host_and_port
from linkshot.domain.rfc3339 import rfc3339

TIMEOUT_S = 5.0
MAX_CERTIFICATES = 10
MAX_DER_BYTES = 30_000
"""A longer certificate (thousands of names) is recorded by its hash alone."""
MAX_NAME = 500


async def ask_certificates(meter: TrafficMeter, url: str) -> dict[str, Any]:
    """Facts for the manifest: when, which host (`host:port`) and at which address it was asked, and the
    `chain` from the server's own certificate on, or `error`: `unknown_address`, `connect`, `handshake`, `timeout`. Never raises."""
    target = host_and_port(url)
    facts: dict[str, Any] = {
        "asked_at": rfc3339(datetime.now(UTC), "seconds"),
        "host": target,
        "address": "",
    }
    if target not in meter.peers:
        return facts | {"error": "unknown_address"}
    try:
        async with asyncio.timeout(TIMEOUT_S):
            chain = await _handshake(meter, target, str(urlsplit(url).hostname))
    except ssl.SSLError:
        return facts | {"error": "handshake"}
    except TimeoutError:
        return facts | {"error": "timeout"}
    except Exception:  # noqa: BLE001  # whatever a server makes TLS libraries raise
        return facts | {"error": "connect"}
    facts["address"] = meter.peers[target]
    return facts | {"chain": [certificate_facts(der) for der in chain[:MAX_CERTIFICATES]]}


def certificate_facts(der: bytes) -> dict[str, str]:
    """What a certificate says, its SHA-256, and itself in base64; of an unreadable one only the last two. (pure)"""
    facts = {"sha256": hashlib.sha256(der).hexdigest()}
    if len(der) <= MAX_DER_BYTES:
        facts["der"] = b64encode(der).decode()
    try:
        read = x509.load_der_x509_certificate(der)
        return {
            "subject": read.subject.rfc4514_string()[:MAX_NAME],
            "issuer": read.issuer.rfc4514_string()[:MAX_NAME],
            "serial": f"{read.serial_number:x}",
            "not_before": rfc3339(read.not_valid_before_utc, "seconds"),
            "not_after": rfc3339(read.not_valid_after_utc, "seconds"),
            **facts,
        }
    except Exception:  # noqa: BLE001  # cryptography has errors of its own (InvalidVersion); a page may show anything
        return facts


async def _handshake(meter: TrafficMeter, target: str, host: str) -> list[bytes]:
    """The certificates that the server shows for this name, in DER; OSError when the proxy does not connect."""
    reader, writer = await asyncio.open_connection("127.0.0.1", meter.proxy_port)
    port = writer.get_extra_info("sockname")[1]
    meter.own_ports.add(port)
    try:
        writer.write(http_heads.connect_request(target, meter.name, meter.password))
        if b" 200 " not in await reader.readuntil(b"\r\n\r\n"):
            raise ConnectionRefusedError
        await writer.start_tls(_any_certificate(), server_hostname=host)
        shown = writer.get_extra_info("ssl_object")
        if hasattr(shown, "get_unverified_chain"):  # from Python 3.13 on
            return list(shown.get_unverified_chain())
        chain = shown._sslobj.get_unverified_chain()  # noqa: SLF001  # no other way before
        return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in chain or ()]
    finally:
        meter.own_ports.discard(port)
        writer.close()


def _any_certificate() -> ssl.SSLContext:
    """Nothing is checked here: the browser has decided about the certificate, and this one is recorded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context

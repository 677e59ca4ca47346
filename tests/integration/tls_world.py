"""Common ground of certificate tests: an authority that a browser trusts, and servers that err."""

import contextlib
import ctypes
import ctypes.util
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization


class _Item(ctypes.Structure):
    """NSS's SECItem."""

    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_char_p), ("length", ctypes.c_uint))


def trust(home: Path, root: x509.Certificate) -> bool:
    """Make a home folder whose browser trusts this root (NSS); False where that library is not.

    What `certutil -N` and `certutil -A -t C,,` do, without asking for that program.
    """
    where = ctypes.util.find_library("nss3")
    if where is None:
        return False
    folder = home / ".pki" / "nssdb"
    folder.mkdir(parents=True)
    nss = ctypes.CDLL(where)
    for called in (nss.PK11_GetInternalKeySlot, nss.CERT_GetDefaultCertDB):
        called.restype = ctypes.c_void_p
    nss.CERT_NewTempCertificate.restype = ctypes.c_void_p
    assert nss.NSS_InitReadWrite(f"sql:{folder}".encode()) == 0
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    der = root.public_bytes(serialization.Encoding.DER)
    store, item = ctypes.c_void_p(nss.CERT_GetDefaultCertDB()), _Item(0, der, len(der))
    made = ctypes.c_void_p(nss.CERT_NewTempCertificate(store, ctypes.byref(item), None, 0, 1))
    flags = (ctypes.c_uint * 3)()
    assert nss.PK11_InitPin(slot, None, b"") == 0
    assert nss.PK11_ImportCert(slot, made, ctypes.c_ulong(0), b"test", 0) == 0
    assert nss.CERT_DecodeTrustString(flags, b"C,,") == 0
    assert nss.CERT_ChangeCertTrust(store, made, flags) == 0
    nss.CERT_DestroyCertificate(made)
    nss.PK11_FreeSlot(slot)
    return bool(nss.NSS_Shutdown() == 0)


@contextlib.contextmanager
def serving(context: ssl.SSLContext, location: str = "") -> Iterator[str]:
    """A page by TLS on loopback, or a redirect to `location`; its address."""
    server = _Server(("127.0.0.1", 0), _Page)
    server.context, server.location = context, location
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    context: ssl.SSLContext
    location: str

    def finish_request(self, request: object, client_address: object) -> None:
        """The handshake in the connection's own thread: a visitor may turn away in it."""
        assert isinstance(request, socket.socket)
        secure = self.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        try:
            secure.do_handshake()
        except OSError:
            _leave(secure)
        else:
            with secure:
                super().finish_request(secure, client_address)  # type: ignore[arg-type]  # a socket

    def handle_error(self, request: object, client_address: object) -> None:
        """Visitors that turn away are what is tested."""


def _leave(secure: ssl.SSLSocket) -> None:
    """Read what still comes: a reset instead of an end would overtake our alert."""
    with socket.socket(fileno=secure.detach()) as plain:
        plain.settimeout(5)
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(65536):
            pass


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = "<!doctype html><title>锁</title><p>一把谁也不认得的锁。".encode()
        assert isinstance(self.server, _Server)
        if self.server.location:
            self.send_response(302)
            self.send_header("Location", self.server.location)
        else:
            self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""

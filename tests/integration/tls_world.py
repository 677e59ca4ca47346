"""What do tests of certificates start from? An authority that a browser trusts, and servers that err."""

import contextlib
import ctypes
import ctypes.util
import http.server
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
PEM = serialization.Encoding.PEM
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Whoever signs."""

    subject: x509.Name
    certificate: x509.Certificate
    key: Key

    @classmethod
    def root(cls, common: str) -> "Authority":
        """One that nobody has heard of."""
        key = new_key()
        plan = Plan(names=(), subject=name(common), authority=True)
        return cls(subject=plan.subject, certificate=plan.signed(key, key, plan.subject), key=key)

    def below(self, common: str) -> "Authority":
        """An intermediate one."""
        key = new_key()
        plan = Plan(names=(), subject=name(common), authority=True)
        made = plan.signed(key, self.key, self.subject)
        return Authority(subject=plan.subject, certificate=made, key=key)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to stand in a certificate."""

    names: Sequence[x509.GeneralName] = (HERE,)
    subject: x509.Name = field(default_factory=lambda: name("127.0.0.1"))
    first_day: int = -9
    last_day: int = 9
    authority: bool = False
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    key: Key = field(default_factory=new_key)

    def signed(self, key: Key, by: Key, issuer: x509.Name) -> x509.Certificate:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=self.first_day))
            .not_valid_after(now + timedelta(days=self.last_day))
            .add_extension(x509.BasicConstraints(ca=self.authority, path_length=None), True)
        )
        if self.names:
            made = made.add_extension(x509.SubjectAlternativeName(self.names), critical=False)
        return made.sign(by, self.digest)

    def files(self, path: Path, by: Authority | None, *more: x509.Certificate) -> Path:
        """Key and chain in one file; signed by itself without an authority."""
        signer, issuer = (by.key, by.subject) if by else (self.key, self.subject)
        chain = (self.signed(self.key, signer, issuer), *more)
        plain = serialization.NoEncryption()
        secret = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain)
        path.write_bytes(secret + b"".join(one.public_bytes(PEM) for one in chain))
        return path


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
def serving(context: ssl.SSLContext) -> Iterator[str]:
    """A page by TLS on loopback; its address."""
    server = _Server(("127.0.0.1", 0), _Page)
    server.context = context
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    context: ssl.SSLContext

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
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""

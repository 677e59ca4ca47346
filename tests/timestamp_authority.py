"""A time-stamp authority on this machine, made with `openssl ts`, and ways in which one fails."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from linkshot.samples.loopback import Request, Response
from tests.certificates import PEM, Authority, name, new_key

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = ./serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256
ess_cert_id_alg = sha256
"""
REFUSES_SHA256 = CONFIG.replace("digests = sha256", "digests = sha512")


class TimestampAuthority:
    """Stamps what it is asked to, with a certificate below a root of its own."""

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("no openssl on this machine")
        self.folder = folder
        self.root = Authority.root("time root")
        self.queries: list[bytes] = []
        key, now = new_key(), datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name("time"))
            .issuer_name(self.root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
            .sign(self.root.key, hashes.SHA256())
        )
        plain = serialization.NoEncryption()
        folder.mkdir(exist_ok=True)
        (folder / "ts.cnf").write_text(config)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.pem").write_bytes(made.public_bytes(PEM))
        secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain)
        (folder / "tsa.key").write_bytes(secret)
        self.root_file = self.root.file(folder / "root.pem")

    def stamp(self, query: bytes) -> bytes:
        """The answer to a query."""
        self.queries.append(query)
        (self.folder / "query").write_bytes(query)
        words = "openssl ts -reply -config ts.cnf -queryfile query -inkey tsa.key -signer tsa.pem"
        command = [*words.split(), "-chain", "root.pem", "-out", "answer"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "answer").read_bytes()

    def serve(self, request: Request) -> Response:
        """The same over HTTP."""
        return Response(body=self.stamp(request.body), content_type="application/timestamp-reply")

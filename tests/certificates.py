"""Makes certificate authorities and the certificates they sign, good and bad ones."""

import ipaddress
from collections.abc import Sequence
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

    def file(self, path: Path) -> Path:
        """Its certificate alone, for whoever is to trust it."""
        path.write_bytes(self.certificate.public_bytes(PEM))
        return path

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

"""What is read in a ServerHello, made by OpenSSL, and in bytes that are none."""

import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.egress.server_hello import read_server_hello
from linkshot.domain.model import TlsParameters
from tests.certificates import Plan


def first_bytes(folder: Path, newest: ssl.TLSVersion) -> bytes:
    """What an OpenSSL server sends first."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(Plan().files(folder / "server.pem", None))
    server.maximum_version = newest
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    asked, answer = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(ssl.MemoryBIO(), asked).do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        server.wrap_bio(asked, answer, server_side=True).do_handshake()
    return answer.read()


@pytest.mark.parametrize(
    ("newest", "found"),
    [
        (
            ssl.TLSVersion.TLSv1_2,
            TlsParameters(version="TLS 1.2", cipher="TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        ),
        (ssl.TLSVersion.TLSv1_3, TlsParameters(version="TLS 1.3", cipher="TLS_AES_256_GCM_SHA384")),
    ],
    ids=["TLS 1.2", "TLS 1.3"],
)
def test_version_and_cipher_are_read(
    tmp_path: Path, newest: ssl.TLSVersion, found: TlsParameters
) -> None:
    data = first_bytes(tmp_path, newest)
    assert read_server_hello(data) == found
    assert read_server_hello(data[:40]) is None


@given(
    st.binary(max_size=200)
    | st.binary(max_size=200).map(lambda tail: b"\x16\x03\x03\0\x60\x02" + tail)
)
def test_other_bytes_raise_nothing(data: bytes) -> None:
    assert read_server_hello(data) is None or data[:1] == b"\x16"


def test_a_suite_without_a_name_is_given_by_its_number(tmp_path: Path) -> None:
    data = bytearray(first_bytes(tmp_path, ssl.TLSVersion.TLSv1_2))
    at = 5 + 4 + 2 + 32
    at += 1 + data[at]
    data[at : at + 2] = b"\xfe\xdc"
    assert read_server_hello(bytes(data)) == TlsParameters(version="TLS 1.2", cipher="0xfedc")

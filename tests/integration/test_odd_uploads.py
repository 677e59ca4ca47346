"""Uploads that are odd or hostile (rows I5, I16, I22, I23, U39): refused at once, or only shown."""

import gc
import socket
from collections.abc import AsyncIterator

import pytest
from web_client import OWN, Client

from linkshot.app import App
from tests.serving import port_of, served
from web.security import request_guards

LINE = b"https://upload.example/\n"
FILE = 'Content-Disposition: form-data; name="file"; filename="list.txt"'
MIXED = "multipart/form-data; boundary=XX"


def form(*parts: tuple[str, bytes], end: bytes = b"--XX--\r\n") -> bytes:
    """A multipart body of these (head, content)."""
    return b"".join(b"--XX\r\n%s\r\n\r\n%s\r\n" % (h.encode(), c) for h, c in parts) + end


def field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


ODD = {
    "no boundary": (form((FILE, LINE)), "multipart/form-data", 400, "invalid"),
    "an empty boundary": (form((FILE, LINE)), "multipart/form-data; boundary=", 400, "invalid"),
    "another boundary": (form((FILE, LINE)), "multipart/form-data; boundary=YY", 400, "invalid"),
    "no parts": (b"", MIXED, 422, "file.required"),
    "noise": (bytes(range(256)) * 9, MIXED, 400, "invalid"),
    "10,000 files": (form(*[(FILE, LINE)] * 10_000), MIXED, 400, "invalid"),
    "10,000 fields": (form((FILE, LINE), *[(field("tag"), b"x")] * 10_000), MIXED, 400, "invalid"),
    "a part without name": (form(("Content-Disposition: form-data", LINE)), MIXED, 400, "invalid"),
    "a part without head": (form(("Content-Type: text/plain", LINE)), MIXED, 400, "invalid"),
    "two files": (form((FILE, LINE), (FILE, LINE)), MIXED, 422, "file.several"),
    "a field instead of a file": (form((field("file"), LINE)), MIXED, 422, "file.type"),
    "a field nobody asked for": (form((field("x"), LINE)), MIXED, 422, "file.required"),
    "a head of 100 kB": (form((f"X: {'y' * 100_000}\r\n{FILE}", LINE)), MIXED, 400, "invalid"),
    "a field of 3 MB": (form((FILE, LINE), (field("tag"), b"x" * 3_000_000)), MIXED, 400, "invalid"),
    "a switch that is none": (form((FILE, LINE), (field("dry_run"), b"?")), MIXED, 422, "dry_run.invalid"),
    "a tag of two lines": (form((FILE, LINE), (field("tag"), b"a\nb")), MIXED, 422, "tag.control_char"),
    "a charset with NUL": (form((FILE, LINE), (field("charset"), b"a\0")), MIXED, 422, "import.charset_unknown"),
    "a picture named .txt": (form((FILE, b"\x89PNG\r\n\x1a\n" + bytes(99))), MIXED, 422, "import.not_text"),
    "an archive": (form((FILE, b"PK\x03\x04" + bytes(99))), MIXED, 422, "import.not_text"),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD.values(), ids=ODD)
def test_an_odd_form_is_refused_with_its_reason(
    web: Client, case: tuple[bytes, str, int, str]
) -> None:
    body, kind, status, code = case
    answer = web.post("/api/v1/imports", content=body, headers=OWN | {"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert web.get("/api/v1/imports").json()["items"] == []


@pytest.mark.parametrize("case", ODD.values(), ids=ODD)
def test_on_the_page_an_odd_form_never_fails_us(
    web: Client, case: tuple[bytes, str, int, str]
) -> None:
    body, kind, *_ = case
    answer = web.post("/import", content=body, headers=OWN | {"Content-Type": kind})
    assert answer.status_code in (303, 400, 422)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/v1/imports", "/import"])
def test_an_upload_that_says_it_is_too_large_is_refused_before_it_is_read(
    web: Client, path: str
) -> None:
    given = OWN | {"Content-Type": MIXED, "Content-Length": str(request_guards.UPLOAD_BYTES + 1)}

    async def never() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    answer = web.post(path, content=never(), headers=given)
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_form_that_ends_in_the_middle_brings_nothing(web: Client) -> None:
    """The framework leaves closing the half file to the garbage collector, which warns."""
    kind = OWN | {"Content-Type": MIXED}
    cut = form((FILE, LINE), end=b"")
    answer = web.post("/api/v1/imports", content=cut, headers=kind)
    assert (answer.status_code, answer.json()["code"]) == (422, "file.required")
    assert web.post("/import", content=cut, headers=kind).status_code == 422
    gc.collect()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "n" * 4096, "a%0d%0aSet-Cookie: x=1", "\u202egnp.exe", "<b>x</b>", "链接"],
    ids=ascii,
)
def test_the_name_of_a_file_is_only_shown(web: Client, name: str) -> None:
    head = FILE.replace("list.txt", name)
    kind = OWN | {"Content-Type": MIXED}
    report = web.post("/api/v1/imports", content=form((head, LINE)), headers=kind)
    assert report.status_code == 200
    assert name.startswith(report.json()["name"])
    page = web.get(f"/imports/{report.json()['import_id']}")
    assert page.status_code == 200
    assert "<b>x</b>" not in page.text
    assert "x" not in web.cookies


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "https://a.example/">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY h SYSTEM "http://127.0.0.1:1/x">]>
<opml xmlns:xi="http://www.w3.org/2001/XInclude"><body><xi:include href="file:///etc/passwd"/>
<outline xmlUrl="&c;&f;&h;"/></body></opml>"""


@pytest.mark.parametrize("kind", ["auto", "netscape", "plain"])
def test_nothing_an_xml_file_declares_is_looked_up(web: Client, kind: str) -> None:
    body = form((FILE, BOMB.encode()), (field("format"), kind.encode()))
    answer = web.post("/api/v1/imports", content=body, headers=OWN | {"Content-Type": MIXED})
    assert (answer.status_code, answer.json()["code"]) == (422, "import.dtd_forbidden")
    assert "root:" not in answer.text


def test_who_asks_before_sending_a_body_is_answered(app: App) -> None:
    with served(app) as address:
        port = port_of(address)
        body = b'{"url": "https://expect.example/"}'
        head = (
            f"POST /api/v1/links HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(head.encode())
            assert line.recv(100).startswith(b"HTTP/1.1 100 ")
            line.sendall(body)
            assert line.recv(1000).startswith(b"HTTP/1.1 201 ")

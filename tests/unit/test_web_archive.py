"""Reads web archives that anybody may have made: what is in them, within limits."""

import gzip
import io
import json
import tracemalloc
import zipfile

import pytest

from linkshot.archives.page_choice import only_page, page_of
from linkshot.archives.web_archive import WebArchive
from linkshot.domain.upload_format import WACZ, WARC, recognise
from linkshot.errors import Damaged, InvalidInput, PageNotChosen
from linkshot.maintenance.foreign_archive_check import check_foreign_archive
from tests.web_archives import PICTURE, Recorded, page, shop, wacz, warc

SHOP = shop()
PAGE, OTHER = SHOP[1].url, SHOP[-1].url
ONE = Recorded(url="https://one.example/", body=page("One", "<p>Only one."))


def opened(data: bytes) -> WebArchive:
    return WebArchive(io.BytesIO(data), recognise(data).media_type)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name.replace("__", "/"), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (warc([ONE]), WARC),
        (warc([ONE], packed=False), WARC),
        (wacz({"a.warc.gz": warc([ONE])}), WACZ),
        (wacz({"a.warc": warc([ONE], packed=False)}, version="1.2.0"), WACZ),
        (gzip.compress(warc([ONE], packed=False)), WARC),
    ],
    ids=["WARC of members", "plain WARC", "WACZ 1.1.1", "WACZ 1.2.0", "WARC of one member"],
)
def test_an_archive_is_known_by_its_bytes_and_read(data: bytes, kind: str) -> None:
    assert recognise(data).media_type == kind
    with opened(data) as archive:
        assert [one.url for one in archive.pages()] == [ONE.url]
        assert archive.answers.broken == ""


@pytest.mark.parametrize("requests_first", [True, False])
def test_requests_and_answers_are_joined_in_either_order(requests_first: bool) -> None:
    posted = Recorded(url="https://one.example/api", body=b"{}", method="POST", posted=b"q=1")
    with opened(warc([ONE, posted], requests_first=requests_first)) as archive:
        assert [one.method for one in archive.answers.found] == ["GET", "POST"]


def test_listed_pages_count_when_they_were_answered() -> None:
    lies = wacz(
        {"a.warc.gz": warc(SHOP)}, [PAGE, "https://shop.example/never"], extra_pages=[OTHER]
    )
    with opened(lies) as archive:
        assert [one.url for one in archive.pages()] == [PAGE, OTHER]
        assert archive.unanswered_pages() == ["https://shop.example/never"]


def test_without_a_list_each_document_is_a_page() -> None:
    with opened(warc(SHOP)) as archive:
        assert [one.url for one in archive.pages()] == [PAGE, OTHER]


def test_the_address_chooses_the_page() -> None:
    with opened(warc(SHOP)) as archive:
        assert page_of(archive, ["https://shop.example/other"]).url == OTHER
        assert page_of(archive, ["http://www.shop.example/other#part"]).url == OTHER
        assert page_of(archive, ["https://shop.example/old"]).url == "https://shop.example/old"


def test_a_page_that_is_not_there_is_refused_with_those_that_are() -> None:
    with opened(warc(SHOP)) as archive, pytest.raises(PageNotChosen) as refused:
        page_of(archive, ["https://shop.example/nowhere"])
    assert (refused.value.code, refused.value.pages) == ("upload.no_such_page", (PAGE, OTHER))
    with opened(warc(SHOP)) as archive, pytest.raises(PageNotChosen) as refused:
        only_page(archive)
    assert (refused.value.code, refused.value.pages) == ("upload.several_pages", (PAGE, OTHER))


@pytest.mark.parametrize(
    "records",
    [
        [],
        [Recorded(url="file:///etc/passwd", body=b"x", type="resource", kind="text/html")],
        [
            Recorded(
                url="urn:text:https://one.example/", body=b"x", type="resource", kind="text/html"
            )
        ],
    ],
    ids=["no records", "a file", "no address of the web"],
)
def test_an_archive_without_a_page_is_refused(records: list[Recorded]) -> None:
    with opened(warc(records)) as archive, pytest.raises(InvalidInput) as refused:
        only_page(archive)
    assert refused.value.code == "upload.no_page"


@pytest.mark.parametrize(
    "data",
    [
        zipped(archive__x=b"no WARC"),
        zipped(**{"../archive/a.warc.gz": warc([ONE])}),
        zipped(archive__a_warc=warc([ONE], packed=False))[:-30] + b"PK\x05\x06" + b"\0" * 18,
    ],
    ids=["no WARC", "a WARC outside", "a broken directory"],
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        WebArchive(io.BytesIO(data), WACZ)


def test_a_bomb_is_refused_with_bounded_memory() -> None:
    head = b"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: https://b.example/\r\nContent-Length: %d\r\n\r\n"
    size = 60_000_000
    bomb = gzip.compress(head % size + bytes(size), 1)
    tracemalloc.start()
    archive = WebArchive(io.BytesIO(bomb), WARC, max_unpacked=20_000_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with archive:
        assert "unpacks to more" in archive.answers.broken
    assert most < 15_000_000


@pytest.mark.parametrize(
    "end",
    [
        b"WARC/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"WARC/1.1\r\n" + b"a: b\r\n" * 300_000 + b"\r\n",
        b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\n\r\n\r\nnonsense\r\n",
        b"\x00" * 5000,
        warc(SHOP, packed=False)[:-700],
    ],
    ids=["a long line", "a long head", "a length that lies", "zeros", "a record that breaks off"],
)
def test_what_comes_before_a_broken_record_is_read(
    end: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(warc([ONE], packed=False) + end) as archive:
        assert archive.answers.found[0].url == ONE.url
    assert capsys.readouterr() == ("", "")


def test_a_gzip_that_breaks_off_is_read_until_there() -> None:
    data = warc(SHOP)
    with opened(data[: len(data) - 400]) as archive:
        assert [one.url for one in archive.answers.found][:2] == [SHOP[0].url, PAGE]


def test_thousands_of_records_are_read() -> None:
    many = [
        Recorded(url=f"https://many.example/{n}", body=b"x", kind="text/plain") for n in range(1500)
    ]
    with opened(warc([ONE, *many])) as archive:
        assert len(archive.answers.found) == 1501
        assert [one.url for one in archive.pages()] == [ONE.url]


def test_an_uploaded_archive_is_checked_in_words_about_it() -> None:
    good = wacz({"a.warc.gz": warc(SHOP)}, [PAGE])
    assert check_foreign_archive(io.BytesIO(good), WACZ) == []
    data = warc(SHOP, packed=False).replace(PICTURE, PICTURE[:-1] + b"x")
    odd = wacz({"a.warc": data}, [PAGE, "https://shop.example/never"], others={"x/y.txt": b"1"})
    with zipfile.ZipFile(io.BytesIO(odd)) as source:
        files = {name: source.read(name) for name in source.namelist()}
    about = json.loads(files["datapackage.json"])
    about["resources"] = [one for one in about["resources"] if one["name"] != "y.txt"]
    about["resources"][0]["hash"] = "sha256:0"
    files["datapackage.json"] = json.dumps(about).encode()
    codes = [code for code, _ in check_foreign_archive(io.BytesIO(zipped(**files)), WACZ)]
    assert codes == ["uploaded.file", "uploaded.hash", "uploaded.digest", "uploaded.page"]


def test_a_zip_bomb_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("archive/a.warc", b"WARC/1.1\r\n" + bytes(40_000_000))
    with pytest.raises(Damaged, match="unpacks to more"):
        WebArchive(out, WACZ, max_unpacked=10_000_000)

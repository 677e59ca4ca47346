"""A worker opens the cookies of a request, or fails the visit with the reason."""

from dataclasses import replace

import pytest

from crawler.failures import VisitFailed
from crawler.queue.cookie_opening import is_of_site, open_cookies
from linkshot.app import App
from linkshot.catalogue.site_cookies import of_hosts
from linkshot.domain.cookie_sealing import key_text, new_key
from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import LinkId, Reason, SealedCookies, SnapshotId
from linkshot.domain.storage_layout import blob_key
from linkshot.system.config import load_settings
from linkshot.use_cases import site_cookies

VALUE = "a-value-that-nobody-may-see"
FILE = f".example.com\tTRUE\t/\tTRUE\t1999999999\tsid\t{VALUE}".encode()


@pytest.fixture
def sealed(app: App) -> SealedCookies:
    site_cookies.import_file(app, FILE)
    with app.catalogue.read() as conn:
        return of_hosts(conn, ["www.example.com"])["www.example.com"]


def why(app: App, sealed: SealedCookies, host: str = "www.example.com") -> str:
    with pytest.raises(VisitFailed) as caught:
        open_cookies(app, sealed, host)
    assert caught.value.failure.kind == "cookies"
    assert VALUE not in str(caught.value)
    return caught.value.failure.detail


def test_the_worker_gets_the_cookies_as_they_were_given(app: App, sealed: SealedCookies) -> None:
    opened = open_cookies(app, sealed, "www.example.com")
    (sid,) = opened.cookies
    assert (opened.site, sid.name, sid.value, sid.secure) == ("example.com", "sid", VALUE, True)
    assert VALUE not in repr(opened)


def test_a_lost_key_is_told(app: App, sealed: SealedCookies) -> None:
    (app.settings.data / "keys" / "cookies.key").unlink()
    assert why(app, sealed) == "the worker has no key for cookies"


def test_another_key_is_told(app: App, sealed: SealedCookies) -> None:
    settings = load_settings(data=app.settings.data, cookie_key=key_text(new_key()))
    other = replace(app, settings=settings)
    assert why(other, sealed) == "they were sealed for another key; import them again"


def test_removed_cookies_are_told(app: App, sealed: SealedCookies) -> None:
    site_cookies.remove(app, "example.com")
    assert why(app, sealed) == "they were removed or replaced meanwhile"


def test_changed_bytes_are_told(app: App, sealed: SealedCookies) -> None:
    key = blob_key(sealed.sha256)
    app.store.put(key, app.store.read(key)[:-1] + b"!", "application/octet-stream")
    assert why(app, sealed) == "the sealed cookies are damaged; import them again"


@pytest.mark.parametrize("host", ["example.com.evil.example", "notexample.com", "evil.example"])
def test_cookies_of_another_site_are_not_opened(app: App, sealed: SealedCookies, host: str) -> None:
    assert "damaged" in why(app, sealed, host)
    assert not is_of_site(host, "example.com")


def test_a_blob_under_another_site_s_name_does_not_open(app: App, sealed: SealedCookies) -> None:
    assert "damaged" in why(app, replace(sealed, site="evil.example"), "evil.example")


def test_a_request_of_an_older_linkshot_has_no_cookies(sealed: SealedCookies) -> None:
    request = SnapshotRequested(
        request_id=SnapshotId("01a22e1c-582a-7454-88bf-4944c0b39827"),
        link_id=LinkId("5ebda5f8488f4439762baa617ac666c6"),
        url="https://www.example.com/",
        host="www.example.com",
        reason=Reason.MANUAL,
        cookies=sealed,
    )
    told = SnapshotRequested.decode(request.encode())
    assert told.cookies == sealed
    before = replace(request, cookies=None).encode()
    assert b"cookies" not in before
    assert SnapshotRequested.decode(before).cookies is None

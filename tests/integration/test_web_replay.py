"""How stored bytes leave: under the static view, and from nowhere else."""

import pytest
from fastapi.routing import APIRoute
from web_client import Client
from web_shelf import EVIL, HTML, READER, TEXT, kept_link, stored_snapshot

from linkshot.domain.model import Artifact, Role
from linkshot.domain.storage_layout import blob_key
from linkshot.errors import Damaged, InvalidInput
from linkshot.use_cases import links, snapshots, trash
from web.pages import SCREENS
from web.replay import stored_files

OTHER = "<!doctype html><p>other</p>"


@pytest.fixture(scope="module")
def snapshot_id(web: Client) -> str:
    return stored_snapshot(web.app, kept_link(web.app))


@pytest.fixture
def other_id(web: Client) -> str:
    return stored_snapshot(web.app, kept_link(web.app, "https://example.com/other"), html=OTHER)


@pytest.mark.parametrize("base", ["/s/{}/{}", "/api/v1/snapshots/{}/artifacts/{}"])
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_every_stored_byte_is_caged(web: Client, snapshot_id: str, base: str, role: str) -> None:
    answer = web.get(base.format(snapshot_id, role))
    if answer.status_code == 404:
        assert role in ("wacz", "warc", "mhtml", "pdf", "mobile")
        return
    headers = answer.headers
    assert headers["content-security-policy"] == stored_files.SANDBOX_CSP
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-site"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"].startswith("private")
    assert "set-cookie" not in headers


DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def test_an_icon_has_one_address_for_ever(web: Client) -> None:
    link = kept_link(web.app, "https://example.com/icon")
    stored_snapshot(web.app, link)
    digest = links.get(web.app, link.link_id).icon
    answer = web.get(f"/icons/{digest}")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-security-policy"] == stored_files.SANDBOX_CSP
    again = web.get(f"/icons/{digest}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_svg_icon_is_a_picture_and_never_a_document(web: Client) -> None:
    link = kept_link(web.app, "https://example.com/drawn")
    snapshot_id = stored_snapshot(web.app, link, icon=DRAWING)
    headers = web.get(f"/icons/{links.get(web.app, link.link_id).icon}").headers
    assert headers["content-type"] == "image/svg+xml"
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    assert headers["x-content-type-options"] == "nosniff"
    assert web.get(f"/s/{snapshot_id}/icon").headers["content-type"] == "application/octet-stream"


def test_only_icons_that_a_link_shows_are_given_out(web: Client, snapshot_id: str) -> None:
    html = snapshots.artifact(web.app, snapshot_id, Role.HTML).sha256
    for digest in (html, "0" * 64, "0" * 63, "../" + "0" * 61, "A" * 64):
        assert web.get(f"/icons/{digest}").status_code == 404
    link = kept_link(web.app, "https://example.com/purged")
    stored_snapshot(web.app, link, icon=DRAWING + b"<!-- of one link only -->")
    digest = links.get(web.app, link.link_id).icon
    trash.remove(web.app, [link.link_id])
    assert web.get(f"/icons/{digest}").status_code == 200
    trash.purge(web.app, [link.link_id])
    assert web.get(f"/icons/{digest}").status_code == 404


def test_damaged_icons_are_never_shown(web: Client) -> None:
    link = kept_link(web.app, "https://example.com/damaged")
    stored_snapshot(web.app, link, icon=DRAWING + b"<!-- damaged -->")
    digest = str(links.get(web.app, link.link_id).icon)
    web.app.store.put(blob_key(digest), b"other bytes", "image/webp")
    wrong = web.get(f"/icons/{digest}")
    web.app.store.delete([blob_key(digest)])
    assert (wrong.status_code, web.get(f"/icons/{digest}").status_code) == (502, 502)


def test_no_other_route_reads_artifacts_raw(web: Client, snapshot_id: str) -> None:
    """Walks every GET route with ids that exist: raw bytes come with the cage only."""
    link_id = web.get("/api/v1/links").json()["items"][0]["link_id"]
    values = {"link": link_id, "link_id": link_id, "snapshot_id": snapshot_id, "role": "html"}
    values |= {
        "import_id": "x",
        "name": "x",
        "digest": "0" * 64,
        "site": "example.com",
        "token": "x",
    }
    for route in _get_routes(web):
        path = route.replace("{name:path}", "x").format(**values)
        for query in ("", "?tab=reader", "?tab=text", "?tab=page"):
            if path.endswith("/events"):
                continue
            answer = web.get(path + query)
            if EVIL in answer.text:
                assert answer.headers["content-security-policy"] == stored_files.SANDBOX_CSP, path


def _get_routes(web: Client) -> list[str]:
    ours = [route for screen in SCREENS for route in screen.router.routes]
    pages = [route.path for route in ours if isinstance(route, APIRoute) and "GET" in route.methods]
    programs = [path for path, methods in web.site.openapi()["paths"].items() if "get" in methods]
    assert len(pages) > 8
    return sorted({*pages, *programs})


@pytest.mark.parametrize(
    ("role", "kind", "disposition"),
    [
        ("html", "text/html; charset=utf-8", None),
        ("text", "text/plain; charset=utf-8", None),
        ("screenshot", "image/webp", None),
        ("meta", "application/json; charset=utf-8", None),
        ("original", "application/octet-stream", "attachment"),
    ],
)
def test_types_are_known_ones_or_a_download(
    web: Client, snapshot_id: str, role: str, kind: str, disposition: str | None
) -> None:
    headers = web.get(f"/s/{snapshot_id}/{role}").headers
    assert headers["content-type"] == kind
    assert (headers.get("content-disposition") or "").split(";")[0] == (disposition or "")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/html;charset=utf-7", "image/svg+xml", "application/xhtml+xml", "text/xml", "multipart/x-mixed-replace",
        "text/javascript", "application/x-unheard-of", "TEXT/HTML", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [Role.ORIGINAL, Role.HTML, Role.READER])
def test_r6_a_type_that_acts_is_given_as_bytes(media_type: str, role: Role) -> None:
    artifact = Artifact(role=role, name="x", key="k", media_type=media_type, bytes=1, sha256="0")
    headers = stored_files._content_headers(artifact, "x", download=False)
    acts = ("xml", "javascript", "multipart", "utf-7", "svg")
    assert not any(word in headers["Content-Type"] for word in acts)
    shown = not headers.get("Content-Disposition", "").startswith("attachment")
    assert not shown or headers["Content-Type"] in (
        "text/plain; charset=utf-8", "text/html; charset=utf-8",
    )  # fmt: skip


def test_download_names_are_encoded(web: Client, snapshot_id: str) -> None:
    given = web.get(f"/s/{snapshot_id}/original").headers["content-disposition"]
    assert given == "attachment; filename=\"__.svg\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.svg"
    hostile = stored_files.content_disposition('a"b\r\nSet-Cookie: x\u202e.html.exe')
    assert "\r" not in hostile
    assert "\u202e" not in hostile
    assert hostile.startswith('attachment; filename="a_bSet-Cookie_ x.html.exe"')


def test_several_files_of_one_role_are_told_apart_by_name(web: Client, snapshot_id: str) -> None:
    assert web.get(f"/s/{snapshot_id}/reader").text == READER
    assert web.get(f"/s/{snapshot_id}/reader?name=reader.md").text == "# md"
    assert web.get(f"/s/{snapshot_id}/reader?name=../x").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/s/../../etc/passwd", "/s/%2e%2e/", "/s/..%2f..%2f/html", "/s//etc", "/s/{}/..%2fhtml",
        "/s/{}/html%00.png", "/s/{}/", "/s/{}/manifest.json", "/s/{}/CON", "/s/{}/HTML",
        "/s/00000000-0000-7000-8000-000000000000/html", "/s/x/html", "/s/{}x/html", "/s/%c0%ae/html",
        "/s/" + "a" * 10_000 + "/html",
    ],
)  # fmt: skip
def test_odd_paths_are_all_not_found(web: Client, snapshot_id: str, path: str) -> None:
    assert web.get(path.format(snapshot_id)).status_code == 404


def test_a_known_etag_saves_the_bytes(web: Client, snapshot_id: str) -> None:
    first = web.get(f"/s/{snapshot_id}/html")
    again = web.get(f"/s/{snapshot_id}/html", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    odd = web.get(f"/s/{snapshot_id}/html", headers={"If-None-Match": '"' + "x" * 100_000})
    assert odd.text == HTML


@pytest.mark.parametrize(
    ("spans", "status", "span"),
    [
        ("bytes=0-3", 206, (0, 4)),
        ("bytes=5-", 206, (5, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=0-999999", 206, (0, None)),
        ("bytes=5-1", 200, (0, None)),
        ("bytes=", 200, (0, None)),
        ("bytes=-", 200, (0, None)),
        ("items=0-5", 200, (0, None)),
        ("bytes=" + "0-," * 10_000, 200, (0, None)),
        ("bytes=0-1,2-3", 200, (0, None)),
        ("bytes=999999-", 416, None),
        ("bytes=-0", 416, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_ranges(
    web: Client, snapshot_id: str, spans: str, status: int, span: tuple[int, int | None] | None
) -> None:
    answer = web.get(f"/s/{snapshot_id}/text", headers={"Range": spans})
    assert answer.status_code == status
    if span is not None:
        assert answer.content == TEXT.encode()[span[0] : span[1]]


def test_a_range_works_in_pieces(
    monkeypatch: pytest.MonkeyPatch, web: Client, snapshot_id: str
) -> None:
    monkeypatch.setattr(stored_files, "CHUNK", 7)
    answer = web.get(f"/s/{snapshot_id}/text", headers={"Range": "bytes=1-40"})
    assert answer.content == TEXT.encode()[1:41]
    assert answer.headers["content-range"] == f"bytes 1-40/{len(TEXT.encode())}"


def test_an_empty_file_has_no_range() -> None:
    with pytest.raises(InvalidInput):
        stored_files.parse_range("bytes=0-", 0)


def test_damaged_and_missing_bytes_are_never_shown(web: Client, other_id: str) -> None:
    html = snapshots.artifact(web.app, other_id, Role.HTML)
    web.app.store.put(html.key, b"other bytes", "text/html")
    wrong = web.get(f"/s/{other_id}/html")
    web.app.store.delete([html.key])
    missing = web.get(f"/api/v1/snapshots/{other_id}/artifacts/html")
    partly = web.get(f"/s/{other_id}/html", headers={"Range": "bytes=0-1"})
    assert (wrong.status_code, missing.status_code, partly.status_code) == (502, 502, 502)
    assert missing.json()["code"] == "artifact.damaged"
    assert "other bytes" not in wrong.text


def test_a_file_is_verified_again_after_five_minutes(web: Client, other_id: str) -> None:
    now = [0.0]
    html = snapshots.artifact(web.app, other_id, Role.HTML)
    checked = stored_files.VerifiedCache(lambda: now[0])
    checked.check(web.app, html)
    web.app.store.delete([html.key])
    now[0] = 299.0
    checked.check(web.app, html)
    now[0] = 301.0
    with pytest.raises(Damaged):
        checked.check(web.app, html)


def test_trashed_snapshots_are_not_found(web: Client, other_id: str) -> None:
    trash.remove(web.app, [snapshots.get(web.app, None, other_id).link_id])
    assert web.get(f"/s/{other_id}/html").status_code == 404

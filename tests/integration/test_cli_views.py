"""`linkshot render`: a PDF and a mobile view from the archive, without a visit, and what else knows of them."""

import io
import json
import shutil
import unicodedata
from datetime import timedelta

import pytest
from cli_world import CommandLine, Said
from PIL import Image
from pypdf import PdfReader

from linkshot.app import App, utc_now
from linkshot.catalogue.snapshots import snapshots as table
from linkshot.domain.manifest import Manifest
from linkshot.domain.model import Role, Snapshot
from linkshot.domain.storage_layout import SNAPSHOTS_PREFIX, VIEWS_PREFIX
from linkshot.maintenance import gc, rebuild
from linkshot.samples.loopback import Response
from linkshot.use_cases import links, purge, snapshots, trash
from tests.integration import replay_world
from tests.integration.crawler_visitor import Visitor
from tests.site import Site
from tests.site.draw import png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("sandbox_closed", "network"),
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
PAGE = (
    "<!DOCTYPE html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<style>body{margin:0;background:rgb(0,0,255)}@media(max-width:600px){body{background:rgb(255,0,0)}}"
    "p{height:3000px}img{display:block}</style>"
    "<img srcset='/one.png 1x, /three.png 3x' src=/one.png width=390 height=200><p>打印的一页 printed"
)
GREEN = (0, 255, 0)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links to the test site may be added."""
    monkeypatch.setenv("LINKSHOT_ALLOW_NETWORKS", "127.0.0.0/8")


@pytest.fixture
def kept(cli: CommandLine, site: Site, visit: Visitor) -> str:
    """The link of a stored snapshot; nothing was asked of its site since."""
    site.put("/one.png", Response(content_type="image/png", body=png(39, 20, GREEN)))
    url = site.put("/printed", PAGE)
    with cli.app() as app:
        link_id = replay_world.keep(app, url, visit(url))
    site.requests.clear()
    return link_id


def current(app: App, link_id: str) -> Snapshot:
    found = links.get(app, link_id).current
    assert found is not None
    return found


def view(app: App, link_id: str, role: Role) -> bytes:
    artifact = current(app, link_id).artifact(role)
    assert artifact is not None
    return snapshots.read(app, artifact)


def test_a_pdf_and_a_mobile_view_are_made_without_a_visit(
    cli: CommandLine, site: Site, kept: str
) -> None:
    said = cli("--json", "render", kept, "--pdf", "--mobile")
    assert (said.code, [one["role"] for one in said.json["items"]]) == (0, ["pdf", "mobile"])
    assert site.requests == []
    with cli.app() as app:
        pages = PdfReader(io.BytesIO(view(app, kept, Role.PDF))).pages
        # Chromium writes some characters as radicals
        said_by_pdf = unicodedata.normalize("NFKC", pages[0].extract_text())
        assert "打印的一" in said_by_pdf
        assert "printed" in said_by_pdf
        phone = Image.open(io.BytesIO(view(app, kept, Role.MOBILE))).convert("RGB")
    assert phone.width == 390 * 3
    assert phone.height >= 3200 * 3
    # laid out for a phone, and with the picture of the visit, though a phone asks for another one
    assert phone.getpixel((5, phone.height - 5)) == (255, 0, 0)
    red, green, _ = phone.getpixel((100, 100))
    assert green - red > 200


def test_the_manifest_stays_as_it_was_and_verify_knows_the_views(
    cli: CommandLine, kept: str
) -> None:
    def manifests() -> list[bytes]:
        with cli.app() as app:
            return [app.store.read(stat.key) for stat in app.store.list(SNAPSHOTS_PREFIX)]

    before = manifests()
    assert cli("render", kept).code == 0
    assert cli("render", kept).code == 0  # again, in its place
    assert manifests() == before
    said = cli("--json", "verify", "--deep", kept)
    assert (said.code, said.json["findings"], said.json["counts"]["views"]) == (0, [], 1)


def test_a_view_survives_gc_and_the_loss_of_the_catalogue(cli: CommandLine, kept: str) -> None:
    cli("render", kept)
    with cli.app() as app:
        made = view(app, kept, Role.PDF)
        _unlist(app, kept)
        assert codes(cli("--json", "verify", kept)) == {"view.unlisted"}
        app.now = lambda: utc_now() + timedelta(days=2)
        gc.collect(app)
        report = rebuild.rebuild_catalogue(app, lambda _what, _count: None)
        assert report.counts["views"] == 1
        assert view(app, kept, Role.PDF) == made


def test_a_view_whose_record_or_file_is_gone_is_a_finding(cli: CommandLine, kept: str) -> None:
    cli("render", kept)
    with cli.app() as app:
        pdf = current(app, kept).artifact(Role.PDF)
        assert pdf is not None
        data = app.store.read(pdf.key)
        app.store.delete([pdf.key])
        assert codes(cli("--json", "verify", kept)) == {"artifact.missing"}
        app.store.put(pdf.key, data, "application/pdf")
        app.store.delete([stat.key for stat in app.store.list(VIEWS_PREFIX)])
    assert codes(cli("--json", "verify", kept)) == {"view.missing"}


def test_what_is_purged_takes_its_views_along(cli: CommandLine, kept: str) -> None:
    cli("render", kept)
    with cli.app() as app:
        trash.remove(app, [kept])
        trash.purge(app, [kept])
        purge.purge_snapshots(app)
        assert list(app.store.list(VIEWS_PREFIX)) == []


def test_a_link_without_an_archive_is_told(cli: CommandLine, site: Site, visit: Visitor) -> None:
    url = site.put("/older", "<!DOCTYPE html><p>older")
    with cli.app() as app:
        link_id = replay_world.keep(app, url, visit(url), (Role.TEXT, Role.HTML))
    said = cli("render", link_id)
    assert (said.code, "it has no web archive" in said.out) == (1, True)


def codes(said: Said) -> set[str]:
    return {one["code"] for one in said.json["findings"]}


def _unlist(app: App, link_id: str) -> None:
    """As in a catalogue that was restored from an older copy."""
    with app.catalogue.write() as conn:
        query = table.select().where(table.c.link_id == link_id)
        row = conn.execute(query).one()
        left = [one for one in json.loads(row.artifacts) if one["role"] != "pdf"]
        conn.execute(
            table.update().where(table.c.link_id == link_id).values(artifacts=json.dumps(left))
        )


def test_the_settings_make_views_with_each_snapshot(
    cli: CommandLine, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PDF", "MOBILE_VIEW"):
        monkeypatch.setenv(f"LINKSHOT_{name}", "true")
    monkeypatch.setenv("LINKSHOT_SELF_CHECK", "off")
    site.put("/one.png", Response(content_type="image/png", body=png(39, 20, GREEN)))
    said = cli("--json", "add", site.put("/printed", PAGE), "--wait")
    assert said.code == 0, said.err
    link_id = said.json["items"][0]["link_id"]
    with cli.app() as app:
        kept = current(app, link_id)
        assert {Role.PDF, Role.MOBILE} <= {one.role for one in kept.artifacts}
        assert kept.manifest is not None
        named = Manifest.decode(app.store.read(kept.manifest)).finished.artifacts
        assert named == kept.artifacts
        assert kept.quality.reasons == ()
    assert [one.path for one in site.requests].count("/printed") == 1
    said = cli("--json", "verify", link_id)
    assert (said.code, said.json["findings"]) == (0, [])

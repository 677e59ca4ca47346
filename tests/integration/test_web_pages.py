"""The pages by hand: forms without scripts, notes, languages, and no row asks for more queries."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import unescape
from io import BytesIO

import pytest
import sqlalchemy as sa
from web_client import Client, open_web
from web_shelf import TITLE, WHEN, failed_visit, kept_link, stored_snapshot

from linkshot import query
from linkshot.app import App
from linkshot.domain.fidelity import Fidelity, RenderingScore
from linkshot.domain.model import Hop, NewLink, Quality, Role, Verdict
from linkshot.use_cases import imports, links, snapshots, trash, watches


@pytest.fixture
def web(app: App) -> Client:
    return Client(app, **{"Accept-Language": "en"})


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with open_web(tmp_path_factory.mktemp("web")) as client:
        link = kept_link(client.app)
        stored_snapshot(client.app, link)
        yield client


@pytest.fixture
def shared(opened: Client) -> Client:
    """One linkshot with one link for all tests that only look."""
    opened.headers = {"Accept-Language": "en"}
    opened.cookies.clear()
    return opened


def link_in(web: Client) -> str:
    """The id of the newest link on the list."""
    found = re.search(r'href="/links/([0-9a-f]{32})"', web.get("/").text)
    assert found
    return found[1]


def test_an_empty_library_says_how_to_begin(web: Client) -> None:
    page = web.get("/").text
    assert "Give linkshot a link" in page
    assert 'href="/import"' in page
    assert 'id="bookmarklet"' in page


@pytest.mark.parametrize("text", ["https://example.com/a", "www.example.com", "example.com/a"])
def test_one_address_in_the_box_is_kept(web: Client, text: str) -> None:
    answer = web.post("/go", data={"text": text})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = web.get("/").text
    assert "example.com" in page
    assert "its snapshot follows by itself" in page
    assert "its snapshot follows by itself" not in web.get("/").text


def test_a_known_address_leads_to_its_page(app: App, web: Client) -> None:
    link = kept_link(app)
    answer = web.post("/go", data={"text": link.url})
    assert answer.headers["location"] == f"/links/{link.link_id}"
    assert "was here already" in web.get(answer.headers["location"]).text


def test_what_a_known_link_did_not_take_is_said(app: App, web: Client) -> None:
    link = kept_link(app)
    links.edit(app, link.link_id, title="一", note="第一条")
    form = {"url": f"{link.url}#part", "title": "二", "note": "第二条"}
    page = web.get(web.post("/add", data=form).headers["location"]).text
    assert "this one was added below it" in page
    assert "another title, which stays" in page
    assert "only behind #" in page
    assert "第一条\n\n第二条" in page


def test_several_addresses_in_the_box_are_imported(web: Client) -> None:
    answer = web.post("/go", data={"text": "https://a.example/ https://b.example/"})
    report = web.get(answer.headers["location"]).text
    assert "https://a.example/" in report
    assert "from the box" in report


def test_words_in_the_box_are_searched(web: Client) -> None:
    answer = web.post("/go", data={"text": "编译器  #ai"})
    assert answer.headers["location"] == "/?q=%E7%BC%96%E8%AF%91%E5%99%A8%20%23ai"


@pytest.mark.parametrize("text", ["http://10.0.0.1/", "https://exa mple", "https://x.example:0/"])
def test_an_address_that_cannot_be_kept_stays_in_the_box(shared: Client, text: str) -> None:
    answer = shared.post("/go", data={"text": text})
    if answer.status_code == 303:
        assert "q=" in answer.headers["location"]
        return
    assert answer.status_code == 422
    assert f'value="{text}"' in answer.text
    assert 'role="alert"' in answer.text
    assert '<button type="submit">Add this link</button>' in answer.text


def test_a_word_is_no_address_and_the_form_says_what_one_looks_like(shared: Client) -> None:
    answer = shared.post("/add", data={"url": "notaurl"})
    assert answer.status_code == 422
    assert "This is a word, not an address" in answer.text
    assert shared.post("/go", data={"text": "notaurl"}).headers["location"] == "/?q=notaurl"


def test_what_was_changed_about_an_address_is_told(web: Client) -> None:
    web.post("/go", data={"text": "https://me:secret@a.example/"})
    page = web.get("/").text
    assert "its snapshot follows by itself" in page
    assert "A name or password in the address was not kept." in page


def test_a_bare_host_is_searched_and_offered_as_a_link(shared: Client) -> None:
    assert "Keep https://example.com as a link" in shared.get("/?q=example.com").text


def test_the_form_of_the_bookmarklet_keeps_nothing_by_itself(web: Client) -> None:
    page = web.get("/add?url=https%3A%2F%2Fa.example%2F&title=T").text
    assert 'value="https://a.example/"' in page
    assert web.get("/api/v1/links").json()["total"] == 0
    fields = {"url": "https://a.example/", "title": "T", "tags": "读， x、y", "note": "n"}
    answer = web.post("/add", data=fields)
    link = web.get(answer.headers["location"].replace("/links", "/api/v1/links")).json()
    assert (link["title"], sorted(link["tags"]), link["note"]) == ("T", ["x", "y", "读"], "n")


def test_a_wrong_address_comes_back_with_the_form(web: Client) -> None:
    answer = web.post("/add", data={"url": "ftp://x/", "note": "kept"})
    assert answer.status_code == 422
    assert "kept</textarea>" in answer.text


def test_a_link_is_tagged_edited_and_untagged(app: App, web: Client) -> None:
    path = f"/links/{kept_link(app).link_id}"
    web.post(f"{path}/tags", data={"name": "ai/编译器, x"})
    web.post(f"{path}/tags/remove", data={"name": "x"})
    web.post(f"{path}/edit", data={"title": " 新标题 ", "note": "a\r\nb"})
    page = web.get(path).text
    assert "#ai/编译器" in page
    assert "#x<" not in page
    assert "新标题</h1>" in page
    assert links.get(app, path[7:]).note == "a\nb"


def test_deleting_is_undone_from_the_note(app: App, web: Client) -> None:
    link = kept_link(app)
    answer = web.post(f"/links/{link.link_id}/remove", data={})
    page = web.get(answer.headers["location"]).text
    assert f'action="/links/{link.link_id}/restore"' in page
    back = web.post(f"/links/{link.link_id}/restore", data={"next": "/"})
    assert back.status_code == 303
    assert "The link is back" in web.get("/").text


def test_the_trash_brings_back_and_deletes_for_good(app: App, web: Client) -> None:
    one, two = kept_link(app), kept_link(app, "https://example.com/2")
    trash.remove(app, [one.link_id, two.link_id])
    assert web.get("/trash").text.count("Bring back") == 2
    web.post(f"/links/{one.link_id}/restore", data={"next": "/trash"})
    web.post("/trash/purge", data={"link": two.link_id})
    assert "The trash is empty" in web.get("/trash").text
    assert links.counts(app)["all"] == 1


def test_again_and_watch(app: App, web: Client) -> None:
    link = kept_link(app)
    failed_visit(app, link, "timeout")
    path = f"/links/{link.link_id}"
    assert web.post(f"{path}/again").status_code == 303
    web.post(f"{path}/watch", data={"every": "1d"})
    assert [watch.every for watch in watches.list_watches(app)] == ["1d"]
    assert "every day" in web.get(path).text
    web.post(f"{path}/watch", data={"every": "off"})
    assert watches.list_watches(app) == []
    assert web.post(f"{path}/watch", data={"every": "1s"}).status_code == 422


@pytest.mark.parametrize(
    "tab", ["", "reader", "screenshot", "page", "text", "files", "details", "x"]
)
def test_every_tab_shows_the_snapshot_and_never_its_markup(shared: Client, tab: str) -> None:
    page = shared.get(f"/links/{link_in(shared)}?tab={tab}")
    assert page.status_code == 200
    assert TITLE in page.text
    assert "onerror" not in page.text
    assert ("<iframe" in page.text) == (tab == "page")
    assert 'sandbox src="/s/' in page.text or tab != "page"


def test_the_reader_sets_the_article_in_our_own_type(shared: Client) -> None:
    page = shared.get(f"/links/{link_in(shared)}").text
    assert '<article class="reader" lang="zh">' in page
    assert "<strong>编译器</strong>" in page


def test_damaged_bytes_are_said_not_shown(app: App, web: Client) -> None:
    link = kept_link(app)
    stored_snapshot(app, link)
    shown = links.get(app, link.link_id).current
    assert shown
    app.store.put(shown.artifacts[0].key, b"wrong bytes", "text/plain")
    page = web.get(f"/links/{link.link_id}?tab=text").text
    assert "damaged" in page
    assert "wrong bytes" not in page


@pytest.mark.parametrize(
    ("tag", "said", "why"),
    [
        ("en", "The browser could not show this page.", "the page needed too much memory"),
        ("zh-CN", "浏览器无法显示这个页面。", "页面占用内存过多"),
    ],
)
def test_a_page_that_the_browser_could_not_show_says_so_and_offers_the_answer_of_the_site(
    app: App, web: Client, tag: str, said: str, why: str
) -> None:
    link = kept_link(app)
    quality = Quality(verdict=Verdict.PARTIAL, reasons=("memory", "unrendered"))
    kept = stored_snapshot(app, link, roles=(Role.TEXT, Role.ORIGINAL), quality=quality)
    page = web.get(f"/links/{link.link_id}?tab=page", headers={"Accept-Language": tag}).text
    assert said in page
    assert why in page
    assert f"/s/{kept}/original?download=1" in page
    assert "<iframe" not in page


def test_a_failed_link_says_why_and_what_happens_next(app: App, web: Client) -> None:
    link = kept_link(app)
    failed_visit(app, link, "dns", "no such name")
    with app.catalogue.write() as conn:
        conn.execute(sa.text("UPDATE links SET due_at = NULL"))
    page = web.get(f"/links/{link.link_id}").text
    assert "could not be found, not tried again by itself" in page.replace("&#39;", "'")
    assert "no such name" in page


@pytest.mark.parametrize(
    ("detail", "chinese"),
    [
        ("the server answered 503", "服务器返回 503"),
        ("Page.goto: Timeout 30000ms exceeded.", "页面在 30 秒内没有响应"),
        ("ValueError: boom", "“ValueError: boom”"),
    ],
)
def test_the_detail_of_a_failure_is_said_in_the_readers_language(
    app: App, web: Client, detail: str, chinese: str
) -> None:
    link = kept_link(app)
    failed_visit(app, link, "http_5xx", detail)
    for path in (f"/links/{link.link_id}", "/jobs"):
        english = web.get(path, headers={"Accept-Language": "en"}).text
        assert detail in english or "the page did not answer within 30 s" in english
        page = web.get(path, headers={"Accept-Language": "zh-CN"}).text
        assert chinese in page
        assert detail not in page.replace(chinese, "")


def test_tags_are_renamed_and_removed(app: App, web: Client) -> None:
    kept_link(app, "https://example.com/", "a/b", "c")
    web.post("/tags/rename", data={"old": "a", "new": "z"})
    taken = web.post("/tags/rename", data={"old": "z", "new": "c"})
    assert (taken.status_code, "already" in taken.text) == (409, True)
    web.post("/tags/remove", data={"name": "c"})
    page = web.get("/tags").text
    assert ">#z<" in page
    assert ">#c<" not in page


def test_a_file_is_imported_and_each_rejected_row_explained(web: Client) -> None:
    files = {"file": ("书签.txt", BytesIO(b"https://a.example/\nftp://x/\n"))}
    answer = web.post("/import", files=files, data={"tags": "读"})
    page = web.get(answer.headers["location"], headers={"Accept-Language": "zh-CN"}).text
    assert "只能保存 http 和 https 网址。" in page
    assert "书签.txt" in web.get("/import").text


def test_a_date_that_was_not_taken_is_told_and_can_be_taken(web: Client) -> None:
    web.post("/go", data={"text": "https://a.example/"})
    data = b'<DL><DT><A HREF="https://a.example/" ADD_DATE="1516337559">t</A></DL>'
    answer = web.post("/import", files={"file": ("b.html", BytesIO(data))})
    page = web.get(f"{answer.headers['location']}?outcome=noticed").text
    assert page.count("The link was here before and keeps the date it was added.") == 2
    assert "https://a.example/" in page
    taken = {"take_dates": "true"}
    web.post("/import", files={"file": ("b.html", BytesIO(data))}, data=taken)
    assert web.get("/api/v1/links").json()["items"][0]["added_at"].startswith("2018-01-19")


def test_a_pasted_list_is_imported_and_an_empty_one_explained(web: Client) -> None:
    answer = web.post("/import", data={"lines": "https://a.example/\r\nhttps://b.example/"})
    assert "https://b.example/" in web.get(answer.headers["location"] + "?outcome=accepted").text
    empty = web.post("/import", data={"lines": ""})
    assert (empty.status_code, "holds no links" in empty.text) == (422, True)


def test_every_import_can_be_reached_from_the_page(web: Client) -> None:
    for number in range(22):
        imports.run(web.app, BytesIO(b"https://a.example/"), f"list-{number}")
    page = web.get("/import").text
    assert re.findall(r">(list-\d+)<", page) == [f"list-{number}" for number in range(21, 1, -1)]
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    rest = web.get(older[1].replace("&amp;", "&")).text
    assert re.findall(r">(list-\d+)<", rest) == ["list-1", "list-0"]
    assert ('rel="next"' in rest, 'href="/import">Newest imports' in rest) == (False, True)


def test_the_page_of_imports_names_every_kind_of_file_that_is_read(shared: Client) -> None:
    page = shared.get("/import").text
    assert all(kind in page for kind in ("HTML", "CSV", "Markdown", "any text with addresses"))
    shared.headers = {"Accept-Language": "zh-CN"}
    assert all(kind in shared.get("/import").text for kind in ("HTML", "CSV", "Markdown", "文本"))


def test_facets_refine_the_query_and_take_it_back(app: App, web: Client) -> None:
    kept_link(app, "https://a.example/", "ai/编译器", "two words")
    kept_link(app, "https://b.example/", "ai/编译器")
    page = web.get("/").text
    assert 'href="/?q=%23ai/%E7%BC%96%E8%AF%91%E5%99%A8"' in page.replace("%2F", "/")
    assert 'href="/?q=%23%22two%20words%22"' in page
    refined = web.get("/", params={"q": '#"two words"'}).text
    assert "1 result for" in refined
    assert 'href="/" aria-current="true"' in refined


@pytest.mark.parametrize(
    "tag", ["“双减”政策", 'say "hi"', 'a"b"', "a\\", "f(x), y", "“双减”", "a:b|c"]
)
def test_the_links_of_a_tag_lead_to_exactly_its_links(app: App, web: Client, tag: str) -> None:
    links.add(app, NewLink(url="https://a.example/", tags=(tag,)))
    kept_link(app, "https://b.example/", "b")
    for page in ("/", "/tags"):
        text = web.get(page).text
        ways = {unescape(way) for way in re.findall(r'href="(/\?q=%23[^"]*)"', text)} - {"/?q=%23b"}
        assert len(ways) == 1
        found = web.get(ways.pop()).text
        assert "1 result for" in found
        assert "a.example" in found


def test_a_language_without_a_name_shows_as_its_code(app: App, web: Client) -> None:
    for language in ("bcl", "wuu", "x-no such", "zh"):
        stored_snapshot(app, kept_link(app, f"https://{language[:3]}.example/"), language=language)
    page = web.get("/")
    assert page.status_code == 200
    assert all(name in page.text for name in ("bcl", "Wu Chinese", "x-no such", "Chinese"))


def test_long_lists_are_paged(app: App, web: Client) -> None:
    for n in range(53):
        kept_link(app, f"https://example.com/{n}")
    first = web.get("/").text
    assert "1–50 of 53" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    assert "51–53 of 53" in web.get(following[1].replace("&amp;", "&")).text


def test_a_search_that_cannot_be_read_says_where(web: Client, app: App) -> None:
    kept_link(app)
    answer = web.get("/", params={"q": 'x "open'})
    assert (answer.status_code, "from character 3 on" in answer.text) == (400, True)
    assert "is opened and never closed" in answer.text
    chinese = web.get("/", params={"q": "site:", "lang": "zh-CN"}).text
    assert "从第 1 个字符起无法理解：site: 后面要写内容。" in chinese


def test_the_list_and_the_page_show_the_icon_and_read_no_bytes_for_it(
    app: App, web: Client
) -> None:
    link = kept_link(app)
    assert "/icons/" not in web.get("/").text
    stored_snapshot(app, link)
    picture = f'<img src="/icons/{links.get(app, link.link_id).icon}"'
    app.store.delete([stat.key for stat in app.store.list("blobs/")])
    assert picture in web.get("/").text
    assert picture in web.get(f"/links/{link.link_id}?tab=details").text


@pytest.mark.parametrize("q", ["", "灯塔", "#tag"])
def test_the_list_parses_its_query_once(
    shared: Client, q: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def parse(text: str, now: datetime) -> query.Query:
        parsed.append(text)
        return query_parse(text, now)

    query_parse = query.parse
    monkeypatch.setattr(query, "parse", parse)
    assert shared.get("/", params={"q": q}).status_code == 200
    assert parsed == [q]


def test_the_list_asks_the_same_number_of_queries_for_any_length(app: App, web: Client) -> None:
    def queries() -> int:
        seen: list[str] = []

        def note(conn: object, cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        sa.event.listen(app.catalogue.engine, "before_cursor_execute", note)
        assert web.get("/").status_code == 200
        sa.event.remove(app.catalogue.engine, "before_cursor_execute", note)
        return len([one for one in seen if one.startswith(("SELECT", "WITH"))])

    stored_snapshot(app, kept_link(app, "https://example.com/", "a"))
    few = queries()
    for n in range(30):
        stored_snapshot(app, kept_link(app, f"https://example.com/{n}", f"t{n}", "a"))
    assert queries() == few
    assert few < 20


@pytest.mark.parametrize(
    ("accept", "tag"), [("zh-TW,zh;q=0.9", "zh-CN"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_the_browser_chooses_the_language(shared: Client, accept: str, tag: str) -> None:
    shared.headers = {"Accept-Language": accept}
    assert f'<html lang="{tag}"' in shared.get("/").text


def test_a_chosen_language_and_theme_stay(web: Client) -> None:
    answer = web.post("/preferences", data={"lang": "zh-CN", "theme": "dark", "next": "/tags"})
    assert answer.headers["location"] == "/tags"
    assert '<html lang="zh-CN" data-theme="dark">' in web.get("/").text
    assert '<html lang="en"' in web.get("/?lang=en").text
    assert '<html lang="en"' in web.get("/tags").text
    web.post("/preferences", data={"lang": "xx", "theme": "evil"})
    assert '<html lang="en" data-theme="dark">' in web.get("/").text


@pytest.mark.parametrize(
    "next_",
    ["//evil", "/\\evil", "javascript:", "/\t//evil", "https:evil", "", "/a\r\nX: y", "\\\\x"],
)
def test_only_our_own_pages_come_next(shared: Client, next_: str) -> None:
    assert shared.post("/preferences", data={"next": next_}).headers["location"] == "/"


@pytest.mark.parametrize("note", ["removed:<script>", "evil:x", "removed:" + "x" * 5000, "\x00"])
def test_odd_notes_do_no_harm(shared: Client, note: str) -> None:
    shared.cookies.set("linkshot_flash", note.replace("\x00", "%00"))
    page = shared.get("/tags")
    assert page.status_code == 200
    assert "<script>" not in page.text.replace('<script src="', "")


def test_pages_hold_no_inline_scripts_or_styles(app: App, web: Client) -> None:
    link = kept_link(app, "https://example.com/", "a/b")
    stored_snapshot(app, link)
    for path in (
        "/",
        "/?view=pictures",
        f"/links/{link.link_id}",
        "/tags",
        "/trash",
        "/import",
        "/jobs",
    ):
        page = web.get(path).text
        assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", page), path


def test_jobs_show_failures_in_words(app: App, web: Client) -> None:
    failed_visit(app, kept_link(app), "blocked")
    page = web.get("/jobs").text
    assert "blocked by the site" in page
    assert "Search index: answers" in page


LOOP = tuple(Hop(url=f"https://example.com/{n}?<i>", status=302) for n in range(20))


def test_p9_the_redirects_before_a_failure_are_on_its_page_and_among_the_jobs(
    app: App, web: Client
) -> None:
    link = kept_link(app)
    failed_visit(app, link, "redirects", "ERR_TOO_MANY_REDIRECTS", LOOP)
    for path in (f"/links/{link.link_id}", "/jobs"):
        page = web.get(path).text
        assert "after 20 redirects" in page
        assert page.count('<li><span class="number">302</span>') == 20
        assert "https://example.com/19?&lt;i&gt;" in page
        assert "经过 20 次跳转" in web.get(path, headers={"Accept-Language": "zh-CN"}).text


def test_a_code_of_the_browser_is_said_in_words(app: App, web: Client) -> None:
    link = kept_link(app)
    detail = "example.com:443 ERR_CONNECTION_REFUSED"
    failed_visit(app, link, "connect", detail, ())
    visit = snapshots.history(app, link.link_id)[0].snapshot_id
    for path in (
        f"/links/{link.link_id}",
        f"/links/{link.link_id}?tab=details&snapshot={visit}",
        "/jobs",
    ):
        page = web.get(path).text
        assert "example.com: the connection was refused" in page
        assert "ERR_" not in page
        chinese = web.get(path, headers={"Accept-Language": "zh-CN"}).text
        assert "example.com：对方拒绝了连接" in chinese
    assert detail in web.get(f"/api/v1/links/{link.link_id}").text


def test_a_failure_without_redirects_says_nothing_of_them(app: App, web: Client) -> None:
    link = kept_link(app)
    failed_visit(app, link, "dns")
    assert "redirect" not in web.get(f"/links/{link.link_id}").text + web.get("/jobs").text


@pytest.mark.parametrize("path", ["/nope", "/links/nope", "/imports/nope"])
def test_what_is_not_there_gets_a_page_of_its_own(shared: Client, path: str) -> None:
    answer = shared.get(path, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 404
    assert "没有" in answer.text
    assert 'id="box"' in answer.text


def test_no_box_is_shown_to_strangers_and_under_other_names(app: App, shared: Client) -> None:
    assert 'id="box"' not in shared.get("/", headers={"Host": "evil.example"}).text
    closed = Client(App(settings=replace(app.settings, password="x"), openers=app.openers))
    page = closed.get("/static/none")
    assert (page.status_code, 'id="box"' in page.text) == (404, False)


def test_how_often_a_page_is_watched_is_said_in_words(app: App, web: Client) -> None:
    link = kept_link(app)
    watches.set_schedule(app, link.link_id, "5m")
    assert "every 5 minutes" in web.get(f"/links/{link.link_id}").text
    assert "每 5 分钟" in web.get(f"/links/{link.link_id}?lang=zh-CN").text


def test_the_index_being_down_leaves_the_rest_usable(
    app: App, web: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkshot.errors import IndexUnavailable

    def down(*_: object, **__: object) -> None:
        raise IndexUnavailable

    kept_link(app)
    monkeypatch.setattr(app.index, "search", down)
    answer = web.get("/?q=words")
    assert (answer.status_code, "lists, tags and filters still work" in answer.text) == (503, True)
    api = web.get("/api/v1/search?q=words")
    assert (api.status_code, api.headers["retry-after"]) == (503, "5")
    assert web.get("/").status_code == 200


def test_the_details_tell_how_well_a_snapshot_shows_its_page(app: App, web: Client) -> None:
    link = kept_link(app)
    page = RenderingScore(pixels=0.0, text=1.0)
    archive = RenderingScore(pixels=0.123, text=0.5, missing=2, leaks=1)
    stored_snapshot(app, link, fidelity=Fidelity(checked_at=WHEN, page=page, archive=archive))
    details = f"/links/{link.link_id}?tab=details"
    assert (
        "the saved page: 0.0% of the picture differ, 100.0% of the words are there; the web archive: 12.3% of "
        "the picture differ, 50.0% of the words are there, 2 requests have no answer, one attempt to reach the network"
    ) in web.get(details).text
    chinese = web.get(details, headers={"Accept-Language": "zh-CN"}).text
    assert (
        "网页归档：画面有 12.3% 不同，文字找回 50.0%，2 个请求没有应答，1 次试图访问网络" in chinese
    )


def test_the_details_say_when_a_snapshot_was_not_checked(app: App, web: Client) -> None:
    link = kept_link(app)
    stored_snapshot(app, link)
    details = f"/links/{link.link_id}?tab=details"
    assert "not checked: nobody has compared it" in web.get(details).text
    chinese = web.get(details, headers={"Accept-Language": "zh-CN"}).text
    assert "没有检查：还没有与访问时的网页比对过" in chinese

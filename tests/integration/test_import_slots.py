"""How many imports run at a time (rows I21, U45): the next one is told, in words, when to come again."""

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from web_client import BASE, OWN, Client, open_web

from linkshot.errors import CatalogueUnavailable
from linkshot.use_cases import imports
from tests.failing import failing_statement

LINES = b"https://a.example/\nhttps://b.example/\n"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Client]:
    with open_web(tmp_path / "data", imports_at_once=2) as client:
        yield client


def sent(web: Client, name: str = "list.txt", **data: str) -> httpx.Response:
    files = {"file": (name, BytesIO(LINES))}
    return web.post("/api/v1/imports", files=files, data=data)


@pytest.fixture
def all_taken(web: Client) -> Iterator[None]:
    running = web.site.state.imports
    with running.slot(), running.slot():
        yield


@pytest.mark.usefixtures("all_taken")
@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_i21_an_import_above_the_limit_is_refused_with_it_and_a_time(
    web: Client, dry_run: str
) -> None:
    answer = sent(web, dry_run=dry_run)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (429, "imports.too_many")
    assert "2 imports are running" in problem["detail"]
    assert int(answer.headers["retry-after"]) > 0
    assert imports.list_imports(web.app) == []


@pytest.mark.usefixtures("all_taken")
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "2 imports are running already"), ("zh-CN", "已有 2 个导入正在进行")],
)
def test_i21_on_the_page_it_is_said_in_words_and_the_list_stays(
    web: Client, language: str, words: str
) -> None:
    headers = OWN | {"Accept-Language": language}
    form = {"lines": "https://a.example/\n<b>", "tags": "读"}
    answer = web.post("/import", data=form, headers=headers)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert words in answer.text
    assert "https://a.example/\n&lt;b&gt;</textarea>" in answer.text
    assert 'value="读"' in answer.text


@pytest.mark.usefixtures("all_taken")
def test_i21_the_box_takes_one_link_and_no_list_then(web: Client) -> None:
    several = web.post("/go", data={"text": "https://a.example/ https://b.example/"})
    assert (several.status_code, "retry-after" in several.headers) == (429, True)
    assert web.post("/go", data={"text": "https://a.example/"}).status_code == 303


def test_i21_a_slot_is_free_again_however_its_import_ends(
    web: Client,
) -> None:
    for _ in range(3):
        assert web.post("/api/v1/imports", files={"file": ("x", BytesIO(b"\n"))}).is_client_error
    with failing_statement(web.app, "UPDATE imports SET finished_at", CatalogueUnavailable()):
        assert [sent(web, f"{n}.txt").status_code for n in range(3)] == [503] * 3
    assert imports.list_imports(web.app)[0].finished_at is None
    assert sent(web).status_code == 200


def test_i21_of_three_at_once_two_come_in_and_one_is_refused(web: Client) -> None:
    """The two wait for the catalogue, which the test holds until the third was answered."""

    async def post(http: httpx.AsyncClient, n: int) -> int:
        files = {"file": (f"{n}.txt", BytesIO(b"https://%d.example/\n" % n))}
        return (await http.post("/api/v1/imports", files=files, headers=OWN)).status_code

    async def story() -> tuple[int, list[int]]:
        transport = httpx.ASGITransport(app=web.site, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
            with web.app.catalogue.write():
                all_three = {asyncio.ensure_future(post(http, n)) for n in range(3)}
                first, rest = await asyncio.wait(all_three, return_when=asyncio.FIRST_COMPLETED)
            return first.pop().result(), await asyncio.gather(*rest)

    refused, taken = asyncio.run(story())
    assert (refused, taken) == (429, [200, 200])
    assert sorted(report.accepted for report in imports.list_imports(web.app)) == [1, 1]

"""How the server starts and ends, what it streams, and that its description is current."""

import asyncio
import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from web_client import Client
from web_shelf import failed_visit, kept_link

from linkshot.app import App
from linkshot.errors import ConfigError
from web import events, openapi, server
from web.api.schemas.search import HitOut
from web.language import translator

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_description_of_the_api_is_current(app: App) -> None:
    """`python -m web.openapi docs` writes it again."""
    document, page = server.create_app(app).openapi(), (DOCS / "api.md").read_text("utf-8")
    assert json.loads((DOCS / "openapi.json").read_text("utf-8")) == document
    assert openapi.with_tables(page, document) == page


def test_every_operation_is_described(app: App) -> None:
    paths = server.create_app(app).openapi()["paths"]
    assert all(op["description"] for path in paths.values() for op in path.values())
    assert HitOut.model_fields.keys() >= {"link_id", "url", "title", "tags", "snippet", "score"}


def test_other_addresses_need_a_password(app: App) -> None:
    with pytest.raises(ConfigError, match="LINKSHOT_PASSWORD"):
        server.run_web(app, host="0.0.0.0", port=0, ready=print, stop=threading.Event())
    server.check_address("127.0.0.5", app.settings)
    server.check_address("localhost", app.settings)
    protected = replace(app.settings, password="x")
    server.check_address("0.0.0.0", protected)


def test_the_next_free_port_is_taken_unless_one_was_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with server.listen("127.0.0.1", port, given=False) as other:
            assert other.getsockname()[1] > port
            assert server.address("0.0.0.0", other).startswith("http://127.0.0.1:")
        with pytest.raises(ConfigError, match="--port"):
            server.listen("127.0.0.1", port, given=True)


def test_the_server_answers_streams_and_ends_when_it_is_told(app: App) -> None:
    stop, ready, address = threading.Event(), threading.Event(), []

    def on_ready(url: str) -> None:
        address.append(url)
        ready.set()

    thread = threading.Thread(
        target=server.run_web,
        args=(app,),
        kwargs={"host": "127.0.0.1", "port": 0, "ready": on_ready, "stop": stop},
    )
    thread.start()
    assert ready.wait(10)
    assert httpx.get(f"{address[0]}api/v1/health").json()["status"] == "ok"
    with httpx.stream("GET", f"{address[0]}api/v1/events") as stream:
        assert next(stream.iter_lines()) == "retry: 3000"
        stop.set()
        thread.join(6)
    assert not thread.is_alive()


def test_streams_tell_what_changed_once(app: App) -> None:
    link = kept_link(app)
    feed = events.StatusFeed(app=app, ids=[link.link_id], translator=translator("en"))
    first, again = feed.changes(), feed.changes()
    assert [line.partition("\n")[0] for line in first] == ["event: link", "event: working"]
    assert (
        json.loads(first[0].split("data: ")[1])["text"] == "waiting for a worker, none is running"
    )
    assert again == []
    failed_visit(app, link, "dns")
    with app.catalogue.write() as conn:
        conn.exec_driver_sql("UPDATE links SET due_at = NULL")
    assert "could not be found" in "".join(feed.changes())


def test_a_stream_beats_and_ends_with_the_server(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "POLL_S", 0.0)
    monkeypatch.setattr(events, "HEARTBEAT_S", -1.0)
    streams = events.Streams(stopping=threading.Event())

    async def read() -> list[str]:
        found = []
        feed = events.StatusFeed(app=app, ids=[], translator=translator("en"))
        async for item in events.stream(feed, streams):
            found.append(item)
            if item.startswith(":"):
                streams.stopping.set()
        return found

    found = asyncio.run(read())
    assert found[0].startswith("retry")
    assert found[-1] == ": still here\n\n"
    assert streams.open == 0


@pytest.mark.parametrize("ids", ["x", "0" * 31, ",".join(f"{n:032x}" for n in range(201))])
def test_odd_ids_are_refused(app: App, ids: str) -> None:
    answer = Client(app).get(f"/api/v1/events?ids={ids}")
    assert (answer.status_code, answer.json()["code"]) == (422, "ids.invalid")


def test_too_many_streams_are_refused(app: App) -> None:
    web = Client(app)
    web.site.state.streams.open = events.MAX_STREAMS
    answer = web.get("/api/v1/events")
    assert (answer.status_code, answer.json()["code"]) == (503, "events.too_many")

"""Who gets in when a password is set."""

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from catalogue_app import Clock
from web_client import BASE, OWN, Client, open_web

from linkshot.app import App
from linkshot.catalogue.engine import Catalogue
from linkshot.errors import CatalogueUnavailable, Forbidden
from linkshot.system.config import Settings
from linkshot.use_cases import login_throttle, sessions
from linkshot.use_cases.login_throttle import MAX_ATTEMPTS
from linkshot.wiring import open_app
from web.security.password_auth import COOKIE, PasswordAuth

PASSWORD = "长 password: with colon"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()}
WRONG = {"Authorization": "Basic " + base64.b64encode(b"me:wrong").decode()}


@pytest.fixture
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with open_web(tmp_path_factory.mktemp("web"), password=PASSWORD) as client:
        yield client


def test_without_the_password_only_the_door_is_seen(web: Client) -> None:
    for path in ("/", "/links/x", "/s/x/html", "/jobs", "/nope"):
        assert web.get(path).headers["location"] == "/login"
    for path in ("/api/v1/links", "/api/v1/events", "/api/v1/openapi.json"):
        answer = web.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "login.required")
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert web.post("/go", data={"text": "https://a.example/"}).status_code == 401
    assert web.get("/login").status_code == 200
    assert web.get("/static/app.css").status_code == 200


def test_health_tells_strangers_nothing_but_life(web: Client) -> None:
    assert web.get("/api/v1/health").json()["parts"] == {}
    assert web.get("/api/v1/health", headers=BASIC).json()["parts"]["store"] == "ok"


def test_a_session_begins_with_the_password_and_ends_with_the_logout(web: Client) -> None:
    answer = web.post("/login", data={"password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert web.get("/").status_code == 200
    stolen = web.cookies[COOKIE]
    web.post("/logout")
    web.cookies.set(COOKIE, stolen)
    assert web.get("/").headers["location"] == "/login"


def test_a_wrong_password_says_so_and_too_many_are_refused(web: Client) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert web.post("/login", data={"password": "wrong"}).status_code == 403
    refused = web.post("/login", data={"password": PASSWORD})
    assert refused.status_code == 429
    api = web.get("/api/v1/links", headers=WRONG)
    assert (api.status_code, api.headers["retry-after"]) == (429, "60")


def test_programs_use_basic(web: Client) -> None:
    assert web.get("/api/v1/links", headers=BASIC).status_code == 200
    assert web.get("/api/v1/links", headers=WRONG).status_code == 401
    for odd in ("Basic", "Basic !!", "Bearer x", "Basic " + "A" * 10_000):
        assert web.get("/api/v1/links", headers={"Authorization": odd}).status_code in (401, 429)


def test_a_login_from_another_site_is_refused(web: Client) -> None:
    headers = OWN | {"Origin": "https://evil.example"}
    answer = web.post("/login", data={"password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert BASE.startswith("http://127.")


def test_a_login_outlives_a_restart(tmp_path: Path) -> None:
    with open_web(tmp_path, password=PASSWORD) as before:
        before.post("/login", data={"password": PASSWORD})
    with open_web(tmp_path, password=PASSWORD) as after:
        after.cookies = before.cookies
        assert after.get("/").status_code == 200


def test_a_login_is_known_to_other_servers_and_so_is_its_end(web: Client, tmp_path: Path) -> None:
    with open_web(web.app.settings.data, password=PASSWORD) as other:
        web.post("/login", data={"password": PASSWORD})
        other.cookies = stolen = web.cookies
        assert other.get("/").status_code == 200
        other.post("/logout")
        web.cookies = stolen
        assert web.get("/").headers["location"] == "/login"


def test_a_new_password_ends_all_logins(tmp_path: Path) -> None:
    with open_web(tmp_path, password=PASSWORD) as old:
        old.post("/login", data={"password": PASSWORD})
        with open_web(tmp_path, password="另一个 password") as new:
            new.cookies = old.cookies
            assert new.get("/").headers["location"] == "/login"
            assert new.post("/login", data={"password": PASSWORD}).status_code == 403
        assert old.get("/").headers["location"] == "/login"
        old.post("/login", data={"password": PASSWORD})
        with open_web(tmp_path, password="另一个 password") as new:
            new.cookies = old.cookies
            assert new.get("/").headers["location"] == "/login"


def test_neither_password_nor_session_is_kept_readably(tmp_path: Path) -> None:
    with open_web(tmp_path, password=PASSWORD) as web:
        web.post("/login", data={"password": PASSWORD})
        session = web.cookies[COOKIE]
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("catalogue.db*"))
    assert hashlib.sha256(session.encode()).hexdigest().encode() in kept
    assert session.encode() not in kept
    assert PASSWORD.encode() not in kept


def test_a_login_gives_a_new_session_and_ends_the_one_before(web: Client) -> None:
    web.post("/login", data={"password": PASSWORD})
    first = web.cookies[COOKIE]
    web.post("/login", data={"password": PASSWORD})
    assert web.cookies[COOKIE] != first
    web.cookies.set(COOKIE, first)
    assert web.get("/").headers["location"] == "/login"


def test_over_https_the_cookie_stays_with_https_and_this_host(web: Client) -> None:
    headers = OWN | {"Origin": BASE.replace("http", "https")}
    answer = web.post("/login", data={"password": PASSWORD}, headers=headers)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert "; Secure" in cookie
    assert "Path=/" in cookie
    sent = {"Cookie": cookie.partition(";")[0]}
    assert web.get("/", headers=sent).status_code == 200
    web.post("/logout", headers=headers | sent)
    assert web.get("/", headers=sent).headers["location"] == "/login"


def test_without_the_catalogue_the_door_is_shown_and_says_what_is_missing(tmp_path: Path) -> None:
    def down() -> Catalogue:
        raise CatalogueUnavailable

    with open_web(tmp_path, password=PASSWORD) as web:
        web.app.openers = replace(web.app.openers, catalogue=down)
        web.cookies.set(COOKIE, "x")
        assert web.get("/login").status_code == 200
        assert web.get("/static/app.css").status_code == 200
        assert web.get("/api/v1/links").json()["code"] == "catalogue.unavailable"
        page = web.get("/")
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")


def test_a_thousand_logins_are_kept_and_no_more(app: App) -> None:
    door = sessions.password_verifier(app, "right")
    begun = [sessions.begin(app, door) for _ in range(sessions.MAX_SESSIONS + 2)]
    assert not sessions.is_valid(app, door, begun[0])
    assert sessions.is_valid(app, door, begun[2])
    assert sessions.is_valid(app, door, begun[-1])


def test_sessions_end_after_two_weeks(settings: Settings) -> None:
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    app = open_app(settings, lambda: now[0])
    door = sessions.password_verifier(app, "right")
    session = sessions.begin(app, door)
    now[0] += timedelta(days=13)
    assert sessions.is_valid(app, door, session)
    now[0] += timedelta(days=1)
    assert not sessions.is_valid(app, door, session)
    app.close()


@pytest.fixture
def auth(kept: App) -> PasswordAuth:
    """With a password, on the catalogue under test."""
    kept.settings = replace(kept.settings, password="right")
    return PasswordAuth(kept)


def wrong(auth: PasswordAuth, address: str, times: int = MAX_ATTEMPTS) -> None:
    for _ in range(times):
        assert auth.login("wrong", address) is None


def kept_tries(app: App) -> list[str]:
    with app.catalogue.read() as conn:
        return list(
            conn.scalars(sa.select(login_throttle.c.address).order_by(login_throttle.c.tried_at))
        )


def test_tries_are_forgotten_after_a_minute(auth: PasswordAuth, kept: App, clock: Clock) -> None:
    wrong(auth, "1.2.3.4")
    with pytest.raises(Forbidden):
        auth.login("right", "1.2.3.4")
    assert auth.login("right", "5.6.7.8")
    clock.move(seconds=61)
    assert auth.login("right", "1.2.3.4")
    assert kept_tries(kept) == []


def test_tries_of_all_processes_count_together(auth: PasswordAuth, kept: App) -> None:
    wrong(auth, "1.2.3.4", MAX_ATTEMPTS - 1)
    other = PasswordAuth(kept)
    wrong(other, "1.2.3.4", 1)
    for one in (auth, other):
        with pytest.raises(Forbidden):
            one.login("right", "1.2.3.4")


def test_the_right_password_makes_the_wrong_ones_before_it_count_no_more(
    auth: PasswordAuth,
) -> None:
    wrong(auth, "1.2.3.4", MAX_ATTEMPTS - 1)
    assert auth.login("right", "1.2.3.4")
    wrong(auth, "1.2.3.4", MAX_ATTEMPTS)


def test_of_many_at_once_no_more_get_through(kept: App) -> None:
    def attempt(_: int) -> bool:
        try:
            login_throttle.record(kept, "1.2.3.4")
        except Forbidden:
            return False
        return True

    with ThreadPoolExecutor(4 * MAX_ATTEMPTS) as threads:
        through = list(threads.map(attempt, range(4 * MAX_ATTEMPTS)))
    assert sum(through) == MAX_ATTEMPTS


def test_tries_of_a_clock_that_was_wrong_shut_nobody_out(kept: App, clock: Clock) -> None:
    clock.move(days=1)
    for _ in range(MAX_ATTEMPTS):
        login_throttle.record(kept, "1.2.3.4")
    clock.move(days=-1)
    login_throttle.record(kept, "1.2.3.4")
    assert kept_tries(kept) == ["1.2.3.4"]


def test_no_more_tries_are_kept_than_there_is_room_for(
    kept: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_throttle, "MAX_ROWS", 3)
    for n in range(5):
        login_throttle.record(kept, f"10.0.0.{n}")
        clock.move(seconds=1)
    assert kept_tries(kept) == ["10.0.0.2", "10.0.0.3", "10.0.0.4"]

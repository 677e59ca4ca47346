"""Who gets in when a password is set."""

import base64
from collections.abc import Iterator

import pytest
from web_client import BASE, OWN, Client, open_web

from linkshot.errors import Forbidden
from web.auth import COOKIE, TRIES, Gate

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
    for _ in range(TRIES):
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


def test_tries_are_forgotten_after_a_minute_and_sessions_after_two_weeks() -> None:
    now = [1000.0]
    gate = Gate("right", clock=lambda: now[0])
    for _ in range(TRIES):
        assert gate.login("wrong", "1.2.3.4") is None
    with pytest.raises(Forbidden):
        gate.login("right", "1.2.3.4")
    assert gate.login("right", "5.6.7.8")
    now[0] += 61
    session = gate.login("right", "1.2.3.4")
    assert session
    assert gate.has_session(session)
    now[0] += 15 * 24 * 3600
    assert not gate.has_session(session)

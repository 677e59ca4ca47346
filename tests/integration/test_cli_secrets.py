"""No command, log line or traceback shows a password of the settings."""

import io
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from urllib.parse import quote

import pytest

from linkshot.catalogue.engine import _make_engine
from linkshot.cli import exit_status
from linkshot.errors import ConfigError
from linkshot.system import log_config, secret_files
from linkshot.system.config import load_settings, secrets_of

NASTY = "wJalr/XUtn@FEMI:K7?MD#ENG%bPx 密\\RfiCY"
"""Every sign that means something in a URL."""
FORMS = {
    "LINKSHOT_CATALOGUE": "postgresql+psycopg://name:{}@127.0.0.1:1/linkshot",
    "LINKSHOT_QUEUE": "kafka+ssl://name:{}@127.0.0.1:1?sasl=PLAIN",
    "LINKSHOT_STORE": "s3+http://name:{}@127.0.0.1:1/linkshot",
    "LINKSHOT_INDEX": "elasticsearch+http://name:{}@127.0.0.1:1",
}
COMMANDS = (["doctor"], ["--json", "doctor"], ["config", "show"], ["list"], ["jobs"], ["verify"])


@pytest.fixture
def _log() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def shows(text: str, secret: str = NASTY) -> bool:
    """Whether four characters of it, as they are or by number, are in the text."""
    forms = (secret, quote(secret, safe=""), quote(secret))
    return any(form[at : at + 4] in text for form in forms for at in range(len(form) - 3))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("variable", FORMS)
def test_a_secret_as_it_is_is_refused_and_not_shown(cli, monkeypatch, variable, words) -> None:
    monkeypatch.setenv(variable, FORMS[variable].format(NASTY))
    said = cli(*words)
    assert (said.code, said.out) == (1, "")
    assert f"{variable}" in said.err
    assert "password_file=FILE" in said.err
    assert not shows(said.out + said.err)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_doctor_of_servers_that_are_away_shows_no_secret(cli, monkeypatch, level) -> None:
    for variable, form in FORMS.items():
        monkeypatch.setenv(variable, form.format(quote(NASTY, safe="")))
    monkeypatch.setenv("LINKSHOT_PASSWORD", NASTY)
    monkeypatch.setenv("LINKSHOT_LOG_LEVEL", level)
    said = cli("doctor")
    assert said.code == 1
    assert "s3+http://name:***@127.0.0.1:1/linkshot" in said.out
    assert not shows(said.out + said.err)


@pytest.mark.usefixtures("_log")
def test_a_library_that_logs_or_raises_a_secret_is_not_believed(monkeypatch) -> None:
    """SQLAlchemy, urllib3 and Kafka's client write what they please."""
    store = FORMS["LINKSHOT_STORE"].format(quote(NASTY, safe=""))
    settings = load_settings(store=store, password="open sesame")
    monkeypatch.setenv("LINKSHOT_LOG_LEVEL", "debug")
    with redirect_stderr(io.StringIO()) as written:
        log_config.configure_logging("debug", secrets=secrets_of(settings))
        try:
            raise OSError(f"cannot reach {settings.store} with {NASTY} and open sesame")
        except OSError as exc:
            logging.getLogger("urllib3.x").exception("failed: %s", settings.store)
            failed = ValueError(NASTY)
            failed.__cause__ = exc
        assert exit_status.run_command(lambda: (_ for _ in ()).throw(failed), as_json=False) == 1
        exit_status.print_error("x", f"cannot use {NASTY}", None)
    assert "Traceback" in written.getvalue()
    assert not shows(written.getvalue())
    assert "sesame" not in written.getvalue()


def test_a_password_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "the secret"
    file.write_text(f"{NASTY}\n", "utf-8")
    engine = _make_engine(f"postgresql+psycopg://name@127.0.0.1:1/db?password_file={file}")
    assert engine.url.password == NASTY
    assert dict(engine.url.query) == {}
    engine.dispose()
    assert secret_files.read_secret("password_file", str(file), "queue") == NASTY


@pytest.mark.parametrize(
    "content", [None, b"", b" \n", b"\xff"], ids=["missing", "empty", "blank", "not UTF-8"]
)
def test_a_file_without_a_password_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "f"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match="the password_file of LINKSHOT_STORE"):
        secret_files.read_secret("password_file", str(file), "store")

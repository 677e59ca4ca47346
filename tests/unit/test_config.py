"""Where settings come from, and what is said when one cannot be used."""

from pathlib import Path

import pytest

from linkshot.errors import ConfigError
from linkshot.system.config import SETTINGS, Settings, default_data_dir, load_settings, settings_env
from linkshot.system.setting_types import ROBOTS_REASONS, default_of, parse_value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "linkshot.toml"
    made.write_text('port = 1\nwindow = 2\nallowed_hosts = ["a", "b"]\n', "utf-8")
    return made


def test_a_flag_is_over_the_environment_is_over_the_file(file, monkeypatch):
    monkeypatch.setenv("LINKSHOT_PORT", "3")
    monkeypatch.setenv("linkshot_robots", "true")
    settings = load_settings(file, page_slots=4, index_batch=None)
    assert (settings.port, settings.window, settings.page_slots) == (3, 2, 4)
    assert (settings.robots, settings.allowed_hosts) == (ROBOTS_REASONS, ("a", "b"))
    assert settings.index_batch == 500
    assert load_settings(file, port=5).port == 5


def test_it_is_known_which_settings_were_given(file, monkeypatch):
    monkeypatch.setenv("LINKSHOT_HOST", "127.0.0.1")
    given = load_settings(file, data=file.parent).given
    assert given == {"port", "window", "allowed_hosts", "host", "data"}


def test_lists_in_the_environment_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("LINKSHOT_ALLOW_NETWORKS", " 10.0.0.0/8, ,127.0.0.1 ")
    assert Settings().allow_networks == ("10.0.0.0/8", "127.0.0.1")


def test_a_child_process_gets_the_same_settings(tmp_path, monkeypatch):
    settings = load_settings(data=tmp_path, allowed_hosts="a,b", host_gap_s=0.5, robots=True)
    for name, value in settings_env(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_is_a_value_that_may_be_given(name):
    default = default_of(SETTINGS[name])
    assert parse_value(SETTINGS[name], default) == default


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("port", "8765", 8765), ("host_gap_s", "0", 0.0), ("host_gap_s", 2, 2.0), ("wacz", "True", True),
        ("wacz", "0", False), ("robots", "True", ROBOTS_REASONS), ("robots", True, ROBOTS_REASONS),
        ("robots", False, ()), ("robots", "no", ()), ("robots", "schedule,IMPORT", ("import", "schedule")),
        ("data", "/a b", Path("/a b")), ("allowed_hosts", [], ()),
    ],
)  # fmt: skip
def test_a_value_is_read_as_its_kind(name, given, value):
    read_as = getattr(Settings(**{name: given}), name)
    assert (read_as, type(read_as)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("port", "1.5", "a whole number"), ("port", True, "a whole number"), ("port", "8_0", "a whole number"),
        ("host_gap_s", "", "a number"), ("host_gap_s", "nan", "a number >= 0"),
        ("page_deadline_s", 0, "a number > 0"), ("window", 5001, "a whole number <= 5000"),
        ("wacz", "maybe", "true or false"), ("robots", "maybe", "true, false or some of"),
        ("robots", "add,retry", "true, false or some of add, import, schedule, manual"), ("host", 1, "text"), ("host", "\udcff", "UTF-8"),
        ("data", "\udcff", "UTF-8"), ("data", 1, "a path"), ("allowed_hosts", 1, "a list"),
        ("allowed_hosts", [1], "text"), ("allowed_hosts", ["\udcff"], "UTF-8"), ("user_agent", "a\n", "text matching"),
    ],
)  # fmt: skip
def test_another_kind_of_value_is_refused_with_what_it_must_be(name, given, why):
    with pytest.raises(ConfigError, match=f"^setting {name}: Expected {why}[ .]"):
        Settings(**{name: given})


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("prot = 1", "prot"),
        ("port = 70000", "port"),
        ("port = ", "config"),
        ("password = '\udcff'", "config"),
        ("allow_networks = 'everything'", "allow_networks"),
        ("log_level = 'secret-word'", "log_level"),
    ],
    ids=["unknown", "too high", "not TOML", "not UTF-8", "no network", "none of them"],
)
def test_what_cannot_be_used_is_named_and_its_value_never_shown(file, text, field):
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as refused:
        load_settings(file)
    assert refused.value.field == field
    assert "secret-word" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="there is no config file"):
        load_settings(tmp_path / "none.toml")


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKSHOT_DATA", "")
    monkeypatch.setenv("LINKSHOT_PORT", "")
    settings = load_settings()
    assert (settings.port, settings.data) == (8765, default_data_dir())


def test_the_name_before_a_setting_was_renamed_still_counts(tmp_path, monkeypatch):
    file = tmp_path / "old.toml"
    file.write_text("bury_tries = 7\n", "utf-8")
    assert load_settings(file).dead_letter_tries == 7
    monkeypatch.setenv("LINKSHOT_BURY_TRIES", "8")
    assert load_settings(file).dead_letter_tries == 8
    monkeypatch.setenv("LINKSHOT_DEAD_LETTER_TRIES", "9")
    assert load_settings(file).dead_letter_tries == 9


def test_a_user_agent_is_one_line() -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(user_agent="a\r\nX-More: 1")
    assert refused.value.field == "user_agent"
    assert "LINKSHOT_USER_AGENT" in refused.value.message


@pytest.mark.parametrize(
    ("given", "usable"),
    [
        ("", True),
        ("https://time.example/tsr", True),
        ("http://[::1]:3161", True),
        ("https://me:geheim@time.example/tsr", False),
        ("ftp://time.example/", False),
        ("time.example", False),
    ],
)
def test_an_authority_is_an_http_address_without_a_login(given, usable):
    if usable:
        assert Settings(timestamp_authority=given).timestamp_authority == given
        return
    with pytest.raises(ConfigError) as caught:
        Settings(timestamp_authority=given)
    assert "geheim" not in str(caught.value)

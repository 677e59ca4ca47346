"""All settings, each defined once: name, default, unit, a sentence."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from linkshot.domain import backend_urls
from linkshot.domain.addresses import own_hosts
from linkshot.domain.public_url import PublicAddress, base_path, public_address
from linkshot.domain.replay_player import player, refuse_own_origin
from linkshot.errors import ConfigError
from linkshot.system import setting_types
from linkshot.system.setting_types import AtLeastOne, NotNegative, Positive

PREFIX = "LINKSHOT_"
RENAMED = {"dead_letter_tries": "bury_tries"}
"""New name → the name before, which environment and config file may use until the next version."""


def default_data_dir() -> Path:
    """The XDG data folder of linkshot (XDG Base Directory Specification 0.8)."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "linkshot"


@dataclass(frozen=True, slots=True, init=False)
class Settings:
    """All settings; environment variables are the names in capitals behind LINKSHOT_."""

    data: Path = field(default_factory=default_data_dir)
    """Folder of the embedded catalogue, queue, store and index."""
    catalogue: str = ""
    """Where links live: sqlite:///FILE or postgresql+psycopg://…; empty = in the data folder."""
    queue: str = ""
    """Where messages travel: sqlite:///FILE or kafka://HOST:PORT,…; empty = in the data folder."""
    store: str = ""
    """Where artifacts lie: file:///FOLDER or s3+http(s)://KEY:SECRET@HOST/BUCKET; empty = in the data folder."""
    index: str = ""
    """Where words are found: tantivy:///FOLDER or elasticsearch+http(s)://HOST; empty = in the data folder."""

    host: str = "127.0.0.1"
    """Address the web interface listens on."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8765
    """Port of the web interface; the next free one is taken when it is in use and was not given."""
    password: str = field(default="", repr=False)
    """Password of the web interface; required when `host` is not a loopback address."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names the web interface answers to, besides its own address; comma separated."""
    base_path: str = ""
    """Path below which a reverse proxy shows the web interface, like /linkshot; empty = the whole host."""
    public_url: str = ""
    """Address under which a reverse proxy shows the web interface, like https://links.example.org."""
    replay_player_url: str = ""
    """Address of an installed player of web archives on another origin, with {wacz} where the archive's address goes, also {url} and {ts} of the page, like https://replay.example.org/?source={wacz}#url={url}&ts={ts}; empty = none."""
    trusted_proxies: tuple[str, ...] = ()
    """Reverse proxies whose X-Forwarded-For, -Proto, -Host and -Port are believed: addresses or networks in CIDR form, comma separated."""
    language: str = ""
    """Language of the web interface: zh-CN or en; empty = as the browser asks."""

    imports_at_once: Annotated[int, Meta(ge=1, le=32)] = 4
    """Imports that one web server runs at a time; the next one is asked to come again (429)."""

    health_timeout_s: Positive = 2.0
    """Longest wait for a part that is asked for its health, in seconds; then it counts as away."""

    allow_networks: tuple[str, ...] = ()
    """Private networks that pages may be fetched from, in CIDR form, comma separated."""
    browser: str = ""
    """Path of the Chromium to use; empty = Playwright's own, chromium-headless-shell, chromium."""
    user_agent: Annotated[str, Meta(pattern=r"^([ -~]*)\Z")] = ""
    """User-Agent of visits; empty = the browser's own without the word Headless."""
    page_slots: Annotated[int, Meta(ge=0, le=64)] = 0
    """Pages visited at the same time by one crawl process; 0 = as many as CPU and memory allow: 2 at least, at most 4 per core, 16, and one for each 300 MB of browser_memory_bytes."""
    window: Annotated[int, Meta(ge=1, le=5000)] = 200
    """Deliveries one crawl process holds to choose from."""
    page_deadline_s: Positive = 90.0
    """Wall clock of one visit in seconds; then the page is cut off."""
    browser_grace_s: Positive = 10.0
    """After its deadline a visit has so long to leave its browser, in seconds; then that is killed."""
    visit_grace_s: Positive = 60.0
    """After its deadline a visit ends so much later whatever hangs, in seconds; a stuck worker too."""
    goto_timeout_s: Positive = 30.0
    """Until the main response must have begun, in seconds."""
    load_timeout_s: Positive = 15.0
    """Longest wait for the load event, in seconds; a stuck image does not fail a page."""
    quiet_timeout_s: Positive = 5.0
    """Longest wait for the network to be quiet, in seconds."""
    scroll_timeout_s: NotNegative = 10.0
    """Longest time for scrolling a page for its lazy parts, in seconds."""
    consent: Annotated[str, Meta(pattern=r"^(reject|hide|leave)\Z")] = "reject"
    """A box that asks for consent: reject = refused, closed or, where neither is possible, hidden; hide = only hidden; leave = left as it is."""
    consent_timeout_s: Positive = 5.0
    """Longest time for answering a box that asks for consent, in seconds; then it is hidden."""
    capture_timeout_s: Positive = 20.0
    """Longest time for screenshot, text and HTML, in seconds."""
    page_bytes: Annotated[int, Meta(ge=1_000_000)] = 200_000_000
    """Bytes one page may receive in all."""
    body_bytes: Annotated[int, Meta(ge=100_000)] = 50_000_000
    """Bytes of a single kept body; a longer one is cut, of a page to so much as a browser can show."""
    page_requests: AtLeastOne = 2000
    """Requests one page may make."""
    screenshot_px: Annotated[int, Meta(ge=720, le=64_000)] = 32_000
    """Greatest height of the screenshots of a page in CSS pixels, 16,000 in each; a longer page is cut there."""
    wacz: bool = True
    """Whether each snapshot keeps archive.wacz, all HTTP exchanges of the page, which other tools replay."""
    pdf: bool = False
    """Whether a PDF is made of each snapshot right after the visit, from its archive; `linkshot render` makes one later."""
    mobile_view: bool = False
    """Whether a picture of each page as a phone shows it is made right after the visit, from its archive."""
    signing_key: str = ""
    """File of the private key that signs snapshots (PEM, P-384); empty = keys/signing.pem in the data folder, made on first use."""
    cookie_key: str = field(default="", repr=False)
    """Private key that opens the cookies given for sites, for workers only; empty = that of cookie_key_file, else keys/cookies.key in the data folder, made on first use where the queue is embedded."""
    cookie_key_file: str = ""
    """File that holds this private key; empty = none."""
    cookie_public_key: str = ""
    """Public key by which cookies are sealed, for where they are imported; empty = that of the private key."""
    self_check: Annotated[str, Meta(pattern=r"^(off|sample|always)\Z")] = "sample"
    """Which snapshots are shown again and compared right after the visit: off; sample = the first of a link while the worker has nothing else to do, else one of twenty; always. Those asked for with --check always are."""
    self_check_pixels: Annotated[float, Meta(ge=0, le=1)] = 0.02
    """Greatest share of a screenshot's pixels that may look different when the snapshot is shown again."""
    self_check_text: Annotated[float, Meta(ge=0, le=1)] = 0.95
    """Least share of the words of text.txt that have to be found when the snapshot is shown again."""
    timestamp_authority: Annotated[str, Meta(pattern=r"^(https?://[^\s/@]+(/\S*)?)?\Z")] = ""
    """Address of an authority that stamps each snapshot with the time (RFC 3161), like https://freetsa.org/tsr; empty = none."""
    timestamp_timeout_s: Positive = 5.0
    """Longest wait for a time stamp, in seconds; the snapshot is kept without one then."""
    timestamp_roots: str = ""
    """File of the certificates (PEM) whose authorities `verify --deep` trusts to stamp; empty = stamps are checked, and who made them is not."""
    host_gap_s: NotNegative = 1.0
    """Least pause between two visits of one host, from the end of one to the start of the next."""
    host_gap_factor: NotNegative = 1.0
    """The pause is at least this many times the time the visit took."""
    host_gap_max_s: NotNegative = 30.0
    """The pause is at most this many seconds."""
    certificates: Annotated[str, Meta(pattern=r"^(record|strict)\Z")] = "record"
    """A site whose certificate is not valid: record = kept, with a remark; strict = not visited."""
    robots: tuple[str, ...] = ()
    """Visits that obey robots.txt, by their reason: some of add, import, schedule and manual, comma separated; true = all. People keep single links, so by default it is not asked. Rules for a site go before."""
    robots_delay_max_s: NotNegative = 60.0
    """A Crawl-delay in robots.txt is obeyed up to so many seconds."""
    browser_pages: AtLeastOne = 200
    """Visits after which the browser is replaced."""
    browser_memory_bytes: Annotated[int, Meta(ge=300_000_000)] = 2_500_000_000
    """Memory the pages of one browser may use in all; above it the greediest page is ended."""
    extract_timeout_s: Positive = 20.0
    """Longest time for finding the article in a page, in seconds."""
    drain_timeout_s: Positive = 30.0
    """How long an orderly stop waits for visits under way, in seconds."""
    unreachable_after_s: Positive = 300.0
    """A worker whose store or queue does not answer for so long leaves, in seconds."""

    dead_letter_tries: AtLeastOne = 5
    """A message that cannot be worked on and whose dead letter the queue refuses so often is skipped."""

    dispatch_interval_s: Positive = 0.5
    """Pause of dispatch when there is nothing to do, in seconds; an embedded catalogue or queue that changes
    ends it."""
    outstanding: AtLeastOne = 2400
    """Requests that may be on the queue at a time."""
    outstanding_per_host: AtLeastOne = 3
    """Requests of one host that may be on the queue at a time."""
    lease_s: Positive = 3600.0
    """After this time without a result a request is sent again under the same id, in seconds."""
    loss_check_s: Positive = 15.0
    """How often dispatch looks for what was lost on the queue or never reached the index, in seconds."""
    journal_interval_s: Positive = 30.0
    """Longest time an edit waits for the journal, in seconds."""
    versions_per_link: AtLeastOne = 50
    """Distinct texts of a link that stay searchable with `at:`."""
    trash_days: AtLeastOne = 30
    """Days a deleted link can be brought back."""
    index_batch: AtLeastOne = 500
    """Changed links the indexer works on at a time."""
    index_heap_bytes: Annotated[int, Meta(ge=15_000_000)] = 64_000_000
    """Memory the embedded index may use while writing."""
    index_text_bytes: Annotated[int, Meta(ge=1000)] = 1_000_000
    """Text of one document that is searched; the store keeps all of it."""
    disk_floor_bytes: Annotated[int, Meta(ge=0)] = 2_000_000_000
    """Free disk space below which no new visits are started."""
    heartbeat_file: str = ""
    """File that a role renews while it is at work, for `linkshot healthcheck`; empty for none."""
    heartbeat_max_s: Positive = 180.0
    """Age of that file from which its role counts as stuck, in seconds."""
    log_level: Annotated[str, Meta(pattern=r"^(debug|info|warning|error)\Z")] = "info"
    """What is logged: debug, info, warning or error."""
    log_format: Annotated[str, Meta(pattern=r"^(text|json)\Z")] = "text"
    """How a log line looks: text, or json = one object a line with time, level, logger, message, action and data."""

    given: frozenset[str] = field(default=frozenset(), init=False, repr=False, compare=False)
    """Names of the settings that were given explicitly; not itself a setting."""

    def __init__(self, **given: object) -> None:
        """From these values over those of the environment; ConfigError names what cannot be used."""
        said = _environment() | given
        for name in said:
            if name not in SETTINGS:
                raise _refused(name, "there is no such setting")
        for name, spec in SETTINGS.items():
            value = (
                _read(name, spec, said[name]) if name in said else setting_types.default_of(spec)
            )
            object.__setattr__(self, name, value)
        try:  # both together, because each of the two may hold the path
            public_address(self.public_url, self.base_path)
        except ValueError as exc:
            raise _refused("public_url", str(exc)) from None
        self._check_player()
        object.__setattr__(self, "given", frozenset(said))

    def _check_player(self) -> None:
        try:
            if found := player(self.replay_player_url):
                refuse_own_origin(found, self.public.origin, self.host, self.port)
        except ValueError as exc:
            raise _refused("replay_player_url", str(exc)) from None

    @property
    def public(self) -> PublicAddress:
        """Where people reach the web interface through a proxy; what is not known of it is empty."""
        return public_address(self.public_url, self.base_path)

    @property
    def own_addresses(self) -> frozenset[str]:
        """Our own addresses, which are refused as links, under every name known here."""
        public = self.public
        names = tuple(f"{name}{public.base_path}" for name in self.allowed_hosts)
        return own_hosts(self.host, self.port, names + public.names)

    def is_embedded(self, part: str) -> bool:
        """Whether this part is files of this machine."""
        return backend_urls.is_embedded(part, self.url_of(part))

    def url_of(self, part: str) -> str:
        """The effective URL of `catalogue`, `queue`, `store` or `index`."""
        given: str = getattr(self, part)
        if given:
            return given
        data = self.data.absolute()
        return {
            "catalogue": f"sqlite:///{data}/catalogue.db",
            "queue": f"sqlite:///{data}/queue.db",
            "store": f"file://{data}/store",
            "index": f"tantivy://{data}/index",
        }[part]

    def path_of(self, part: str) -> Path:
        """File or folder of an embedded part, as written: `?` and `%` are letters of its name."""
        rest = self.url_of(part).partition("://")[2]
        path = Path("/" + rest.lstrip("/"))
        if not rest.startswith("/") or path.name in ("", ":memory:"):
            raise ConfigError(f"LINKSHOT_{part.upper()} needs an absolute path", field=part)
        return path


SETTINGS = {spec.name: spec for spec in fields(Settings) if spec.init}
"""Name → field of every setting."""


def load_settings(config: Path | None = None, **flags: object) -> Settings:
    """Settings from flags (None = not given), the environment and a TOML file.

    Raises ConfigError with one line that names the key and what is wrong; never a value.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    return Settings(**(_file(config) | _environment() | given))


def _read(name: str, spec: Any, given: object) -> object:
    """ConfigError for a value that cannot be used."""
    try:
        if name == "robots" and isinstance(
            given, bool
        ):  # as the config files of older versions have it
            given = str(given)
        value = setting_types.parse_value(spec, given)
        if name == "robots":
            value = setting_types.robots_reasons(value)
        if name in ("allow_networks", "trusted_proxies"):
            _check_networks(value)
        if name in backend_urls.SCHEMES and value:
            why = backend_urls.url_problem(name, value)
            if why:
                raise ValueError(why)
        if name == "base_path":
            value = base_path(value)
    except ValueError as exc:
        raise _refused(name, str(exc)) from None
    return value


def _check_networks(networks: tuple[str, ...]) -> None:
    import ipaddress

    for one in networks:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise ValueError("must be networks like 10.0.0.0/8") from None


def _refused(name: str, why: str) -> ConfigError:
    return ConfigError(
        f"setting {name}: {why} ({PREFIX}{name.upper()}, or {name} in the config file)", field=name
    )


def _environment() -> dict[str, object]:
    """What the environment says, whatever the case of its names; an empty value says nothing."""
    said = {name.upper(): value for name, value in os.environ.items() if value}
    names = ((name, f"{PREFIX}{name.upper()}") for name in SETTINGS)
    before = ((name, f"{PREFIX}{old.upper()}") for name, old in RENAMED.items())
    return {name: said[variable] for name, variable in (*before, *names) if variable in said}


def _file(config: Path | None) -> dict[str, object]:
    """What the file says; ConfigError when it cannot be read."""
    if config is None:
        return {}
    import tomllib

    if not config.is_file():
        raise ConfigError(f"there is no config file {config}", field="config")
    try:
        given = tomllib.loads(config.read_text("utf-8"))
    except OSError as exc:
        raise ConfigError(
            f"the config file {config} cannot be read: {exc.strerror}", field="config"
        ) from exc
    except ValueError as exc:  # not TOML, or not UTF-8
        raise ConfigError(f"the config file {config} is not TOML: {exc}", field="config") from None
    for name, old in RENAMED.items():
        if old in given:
            given.setdefault(name, given.pop(old))
    return given


def secrets_of(settings: Settings) -> frozenset[str]:
    """The passwords in the settings, which must never appear in logs or messages."""
    urls = (backend_urls.secrets_of(settings.url_of(part)) for part in backend_urls.SCHEMES)
    own = backend_urls.spellings([settings.password, settings.cookie_key])
    return own.union(*urls)


def settings_env(settings: Settings) -> dict[str, str]:
    """Environment variables that give a child process the same settings."""
    given: dict[str, str] = {}
    for name, spec in SETTINGS.items():
        value = getattr(settings, name)
        if value != spec.default:
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            given[f"{PREFIX}{name.upper()}"] = text
    return given

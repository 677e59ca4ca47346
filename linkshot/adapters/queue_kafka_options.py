"""How a Kafka cluster is reached and how each topic is made; no Kafka client is needed to read it."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from linkshot.domain import messages as topics
from linkshot.errors import ConfigError
from linkshot.system import secret_files

RECONNECT_MS = 2000
"""Longest pause between two tries of reaching a broker; the client's own default is 30 s."""
METADATA_MS = 10_000
"""How old may be what a client knows of topics: partitions that were added, a topic that was deleted.
The client's own default is five minutes."""
BOOTSTRAP_MS = 5000
"""Longest wait for the first answer of a cluster."""
DAY_MS = 86_400_000
PARTITIONS = {
    topics.SUBMISSIONS: (12, 7),
    topics.REQUESTS: (48, 7),
    topics.RESULTS: (12, 30),
    topics.LINKS: (12, 30),
    topics.DEAD: (1, 90),
}
"""Topic → (partitions, days kept)."""
DEFAULT_TOPIC = (1, 7)
ASKED = {"prefix", "partitions", "replication", "sasl", "cafile", "silence", "password_file"}
MECHANISMS = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}
SILENCE_S = 45
FORM = (
    "LINKSHOT_QUEUE has the form kafka://HOST:PORT[,HOST:PORT][?prefix=NAME] "
    "or kafka+ssl://USER:PASSWORD@HOST:PORT?sasl=SCRAM-SHA-512"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to reach a cluster."""

    servers: list[str]
    security: dict[str, object] = field(default_factory=dict, repr=False)
    prefix: str = ""
    """Before every topic and group: several linkshots on one cluster."""
    partitions: int | None = None
    """Instead of the numbers above."""
    replication: int = -1
    """Of new topics; -1 = the broker's default."""
    silence_s: int = SILENCE_S
    """A member without a heartbeat for this long is dead; the broker allows 6 to 1,800 s."""

    @classmethod
    def parse(cls, url: str) -> "Options":
        """From the URL; ConfigError, which never repeats it, for one that cannot work."""
        parts = urlsplit(url)
        login, _, hosts = parts.netloc.rpartition("@")
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        # A login without sasl= would be left out without a word, and so would an option with a typing error.
        if set(asked) - ASKED or not hosts or bool(login) != ("sasl" in asked):
            raise ConfigError(FORM, field="queue")
        if asked.get("sasl", "PLAIN") not in MECHANISMS:
            words = f"sasl= in LINKSHOT_QUEUE is one of {', '.join(sorted(MECHANISMS))}"
            raise ConfigError(words, field="queue")
        servers = [host if ":" in host else f"{host}:9092" for host in hosts.split(",")]
        if not all(server.rpartition(":")[2].isdigit() for server in servers):
            raise ConfigError(FORM, field="queue")
        return cls(
            servers=servers,
            security=_security(parts.scheme == "kafka+ssl", login, asked),
            prefix=asked.get("prefix", ""),
            partitions=_number(asked["partitions"]) if "partitions" in asked else None,
            replication=_number(asked["replication"]) if "replication" in asked else -1,
            silence_s=_number(asked["silence"]) if "silence" in asked else SILENCE_S,
        )

    @property
    def has_login(self) -> bool:
        """Whether a name and a password go along."""
        return "sasl_mechanism" in self.security

    def client(self) -> dict[str, object]:
        """Options common to every kind of client."""
        return {
            "bootstrap_servers": self.servers,
            "client_id": "linkshot",
            "reconnect_backoff_max_ms": RECONNECT_MS,
            "metadata_max_age_ms": METADATA_MS,
            **self.security,
        }

    def topic(self, topic: str) -> dict[str, object]:
        """How a new topic is made."""
        partitions, days = PARTITIONS.get(topic, DEFAULT_TOPIC)
        return {
            "num_partitions": self.partitions or partitions,
            "replication_factor": self.replication,
            "configs": {
                "retention.ms": str(days * DAY_MS),
                "max.message.bytes": str(max_message_bytes()),
                # the broker unpacks what other programs pack: not every codec can be read here
                "compression.type": "uncompressed",
            },
        }


def max_message_bytes() -> int:
    """A message of other systems may be larger than ours and is then refused by its reader."""
    return 4 * topics.MAX_BYTES


def _number(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ConfigError(
            "partitions, replication and silence in LINKSHOT_QUEUE are numbers", field="queue"
        )
    return int(text)


def _security(ssl: bool, login: str, asked: dict[str, str]) -> dict[str, object]:
    sasl = asked.get("sasl")
    made: dict[str, object] = {}
    if ssl or sasl:
        made["security_protocol"] = ("SASL_" if sasl else "") + ("SSL" if ssl else "PLAINTEXT")
    if "cafile" in asked:
        made["ssl_cafile"] = asked["cafile"]
    if sasl:
        user, _, password = login.partition(":")
        secret = ""
        if file := asked.get("password_file"):
            secret = secret_files.read_secret("password_file", file, "queue")
        made |= {
            "sasl_mechanism": sasl,
            "sasl_plain_username": unquote(user),
            "sasl_plain_password": secret or unquote(password),
        }
    return made

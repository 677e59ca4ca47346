"""Messages of anybody on every topic, in front of good links: nobody stops, each is a dead letter."""

from pathlib import Path

import pytest

from linkshot.app import App
from linkshot.domain.messages import TOPICS
from linkshot.domain.model import NewLink
from linkshot.ports import Message
from linkshot.system.config import Settings
from linkshot.use_cases import jobs, links
from tests.fleet import all_settled, fleet, opened
from tests.site import Site

pytestmark = pytest.mark.browser

HOST = "127.0.0.1"
"""Key of every request for the test site: the garbage lies in the same partition, before them."""
GARBAGE = {
    "3.5 MB": b"x" * 3_500_000,
    "900 kB": b"x" * 900_000,
    "nothing": b"",
    "no UTF-8": b"\xff\xfe\x00",
    "nested deep": b"[" * 200_000,
    "a huge number": b'{"request_id":' + b"9" * 100_000 + b"}",
    "an object of nothing": b"{}",
    "another version": b'{"v":7,"url":"https://a.example/"}',
}


@pytest.mark.slow
def test_garbage_on_every_topic_in_front_of_good_links_stops_nobody(
    place: Settings, tmp_path: Path
) -> None:
    pages = ["/stable", "/zh/article", "/text"]
    with Site() as site, opened(place) as app, fleet(place, tmp_path) as processes:
        wanted = sum(litter(app, topic) for topic in TOPICS)
        for page in pages:
            links.add(app, NewLink(url=site.url(page)))
        processes.until(
            lambda: all_settled(app, len(pages)) and len(jobs.dead_letters(app)) == wanted
        )
        visited = [links.get(app, site.url(page)) for page in pages]
        large = [line for line in jobs.dead_letters(app) if line.bytes == len(GARBAGE["3.5 MB"])]
    assert [link.current is not None for link in visited] == [True] * len(pages)
    facts = {line.topic: (line.cut, line.complete) for line in large}
    assert facts == dict.fromkeys(TOPICS, (True, True)), processes.logs()
    assert processes.restarts == 0


def litter(app: App, topic: str) -> int:
    """Publish all of it; how many messages that is."""
    app.queue.publish(topic, [Message(key=HOST, value=value) for value in GARBAGE.values()])
    if app.settings.is_embedded("queue"):
        return len(GARBAGE)
    from linkshot.adapters.queue_kafka import KafkaQueue

    assert isinstance(app.queue, KafkaQueue)
    producer, name = app.queue._ready(topic), app.queue._name(topic)
    headers = [("h", b"\xff" * 1000)]
    producer.send(name, key=HOST.encode(), value=None, headers=headers).get(10)
    producer.send(name, key=None, value=b"garbage").get(10)
    producer.send(name, key=b"\xff" * 100_000, value=b"garbage").get(10)
    return len(GARBAGE) + 3

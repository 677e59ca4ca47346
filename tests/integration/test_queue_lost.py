"""The queue is deleted under every role, and nobody restarts one: everything goes on."""

from pathlib import Path

import pytest

from linkshot.app import App
from linkshot.dispatch import lost_messages, outbox, request_publisher
from linkshot.domain.messages import LINKS, TOPICS
from linkshot.domain.model import NewLink
from linkshot.maintenance import verify
from linkshot.system.config import Settings
from linkshot.use_cases import links
from tests.fleet import all_settled, fleet, opened
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def delete(app: App, *topics: str) -> None:
    """As an operator does it by mistake; the embedded queue is one file."""
    if app.settings.is_embedded("queue"):
        (app.settings.data / "queue.db").unlink()
        return
    from linkshot.adapters.queue_kafka import KafkaQueue

    assert isinstance(app.queue, KafkaQueue)
    with app.queue._administering() as admin:
        admin.delete_topics([app.queue._name(topic) for topic in topics])


def test_topics_that_are_deleted_under_every_role_are_made_again_and_nothing_is_lost(
    place: Settings, tmp_path: Path
) -> None:
    with Site() as site, opened(place) as app, fleet(place, tmp_path) as processes:
        lost_messages.check(app)
        links.add(app, NewLink(url=site.url("/stable")))
        assert request_publisher.publish_due(app, "test") == 1
        delete(app, *TOPICS)
        processes.until(lambda: all_settled(app, 1))
        delete(app, *TOPICS)
        links.add(app, NewLink(url=site.url("/zh/article")))
        processes.until(lambda: all_settled(app, 2))
        processes.stop()
        assert verify.verify(app).findings == []
        assert processes.restarts == 0


def test_an_edit_whose_announcement_is_lost_while_no_index_runs_is_found(
    place: Settings, tmp_path: Path
) -> None:
    with Site() as site, opened(place) as app, fleet(place, tmp_path) as processes:
        link = links.add(app, NewLink(url=site.url("/stable"))).link
        processes.until(lambda: all_settled(app, 1))
        processes.stop()
        links.edit(app, link.link_id, note="later")
        outbox.publish_changes(app)
        delete(app, LINKS)
        rev = links.get(app, link.link_id).rev
        processes.until(lambda: app.index.revisions_of([link.link_id]) == {link.link_id: rev})
        assert links.get(app, link.link_id).rev == rev, "nothing else changed it"

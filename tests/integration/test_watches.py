"""Schedules of links."""

from datetime import timedelta

import pytest
from catalogue_app import Clock, counted

from linkshot.app import App
from linkshot.domain.model import NewLink
from linkshot.errors import InvalidSchedule, NotFound
from linkshot.use_cases import links, trash, watches

URL = "https://example.com/"


def test_a_watched_link_is_next_visited_one_interval_from_now(kept: App, clock: Clock) -> None:
    link = links.add(kept, NewLink(url=URL)).link
    watch = watches.set_schedule(kept, URL, "1d")
    assert (watch.every, watch.next_at) == ("1d", clock.now + timedelta(days=1))
    assert watch.link.watched
    assert watch.link.rev > link.rev


def test_a_second_schedule_replaces_the_first(kept: App) -> None:
    links.add(kept, NewLink(url=URL))
    watches.set_schedule(kept, URL, "1d")
    watches.set_schedule(kept, URL, "2h")
    assert [watch.every for watch in watches.list_watches(kept)] == ["2h"]


def test_a_schedule_ends_when_it_is_switched_off(kept: App) -> None:
    links.add(kept, NewLink(url=URL))
    watched = watches.set_schedule(kept, URL, "1d").link
    off = watches.remove(kept, URL)
    assert (off.watched, off.rev > watched.rev) == (False, True)
    assert watches.remove(kept, URL).rev == off.rev
    assert watches.list_watches(kept) == []


def test_the_watch_of_one_link_is_read_without_the_others(kept: App) -> None:
    plain = links.add(kept, NewLink(url=URL + "plain")).link
    for name in ("a", "b"):
        links.add(kept, NewLink(url=URL + name))
        watches.set_schedule(kept, URL + name, "1d")
    watched = links.get(kept, URL + "b")
    with counted(kept) as executed:
        found = watches.of(kept, watched)
    assert found == next(w for w in watches.list_watches(kept) if w.link == watched)
    assert len(executed) == 1
    assert watches.of(kept, plain) is None


def test_watches_are_listed_by_their_next_visit_without_the_trash(kept: App) -> None:
    for name, every in (("a", "2d"), ("b", "1d"), ("c", "1h")):
        links.add(kept, NewLink(url=URL + name))
        watches.set_schedule(kept, URL + name, every)
    trash.remove(kept, [URL + "c"])
    assert [watch.link.url for watch in watches.list_watches(kept)] == [URL + "b", URL + "a"]


@pytest.mark.parametrize(
    "every", ["0m", "-1d", "1s", "4m", "1.5d", "P1M", "", "1000000000000d", "* * *"]
)
def test_an_interval_that_cannot_be_is_refused(kept: App, every: str) -> None:
    links.add(kept, NewLink(url=URL))
    with pytest.raises(InvalidSchedule):
        watches.set_schedule(kept, URL, every)
    assert not links.get(kept, URL).watched


def test_only_a_link_that_is_there_can_be_watched(kept: App) -> None:
    with pytest.raises(NotFound):
        watches.set_schedule(kept, URL, "1d")

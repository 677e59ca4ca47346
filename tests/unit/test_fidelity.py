"""When scores give reason to doubt, and how words and pixels are counted."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from crawler.replay.archived_answers import EqualRequests, without_cache_busters
from linkshot.archives.answers import Answer
from linkshot.domain.fidelity import Fidelity, FidelityLimits, RenderingScore
from linkshot.text.recall import word_recall
from pipelines.images import encode_lossy, encode_tile, is_lossless
from pipelines.picture_difference import differing_share, differing_share_of_tiles

LIMITS = FidelityLimits(pixels=0.02, text=0.95)
GOOD = RenderingScore(pixels=0.02, text=0.95)


def checked(page: RenderingScore, archive: RenderingScore) -> Fidelity:
    return Fidelity(checked_at=datetime.now(UTC), page=page, archive=archive)


def doubts(page: RenderingScore, archive: RenderingScore, *cut: str) -> tuple[str, ...]:
    return LIMITS.doubts(checked(page, archive), cut)


@pytest.mark.parametrize(
    ("score", "passed"),
    [
        (GOOD, True),
        (RenderingScore(), True),
        (RenderingScore(pixels=0.021, text=1.0), False),
        (RenderingScore(pixels=0.0, text=0.94), False),
        (RenderingScore(failed="unreadable"), False),
    ],
    ids=["at the limit", "nothing to compare", "pixels", "words", "not shown"],
)
def test_a_rendering_passes_within_both_limits(score: RenderingScore, *, passed: bool) -> None:
    assert LIMITS.is_passed(score) is passed
    assert doubts(score, GOOD) == (() if passed else ("page_differs",))
    assert doubts(GOOD, score) == (() if passed else ("archive_differs",))


@pytest.mark.parametrize("why", ["time", "crash", "browser"])
def test_a_check_that_failed_itself_is_no_doubt(why: str) -> None:
    failed = RenderingScore(failed=why)
    assert doubts(failed, failed) == ()


def test_the_archive_of_a_page_that_never_stood_still_is_not_judged() -> None:
    other = RenderingScore(pixels=0.9)
    assert doubts(GOOD, other, "quiet", "favicon") == ()
    assert doubts(other, GOOD, "quiet") == ("page_differs",)


def test_what_the_check_says_nothing_about_is_named_with_its_reason() -> None:
    low, lost = RenderingScore(pixels=0.5), RenderingScore(failed="time")
    moving = LIMITS.not_judged(checked(low, low), ("settle",))
    assert moving == {"archive": "moving"}
    assert LIMITS.not_judged(checked(low, low), ("screenshot",)) == {}
    assert LIMITS.not_judged(checked(low, RenderingScore(pixels=0.0)), ("settle",)) == {}
    assert LIMITS.not_judged(checked(lost, lost)) == {"page": "time", "archive": "time"}


class Counted(Answer):
    """Counts how often it is looked at."""

    looks = 0

    @property
    def used(self) -> bool:  # type: ignore[override]
        Counted.looks += 1
        return self._used

    @used.setter
    def used(self, value: bool) -> None:
        self._used = value


def counted(offset: int) -> Counted:
    url = "http://a.example/"
    return Counted(url=url, section=0, offset=offset, status=200, media_type="", at=None)


def test_ten_thousand_equal_requests_are_answered_in_their_order_and_in_as_many_steps() -> None:
    places, kept = EqualRequests(), [counted(n) for n in range(10_000)]
    for place in kept:
        places.add(place)
    posted = kept[0].posted
    assert [places.take(posted).offset for _ in kept] == list(range(10_000))
    assert places.take(posted).offset == places.take("another body").offset == 9_999
    assert Counted.looks < 50_000


def test_a_saved_page_has_to_ask_for_nothing_and_an_archive_may() -> None:
    asks = RenderingScore(missing=1, leaks=1)
    assert doubts(asks, asks) == ("page_leaks",)


@pytest.mark.parametrize(
    ("wanted", "found", "recall"),
    [
        ("one two two", "two one", 2 / 3),
        ("今天天气", "今天", 1 / 4),
        ("a b", "x a y b", 1.0),
        ("", "x", None),
    ],
    ids=["each as often", "pairs of characters", "more is no harm", "no words"],
)
def test_the_share_of_the_words_is_counted(wanted: str, found: str, recall: float | None) -> None:
    assert word_recall(wanted, found) == (None if recall is None else pytest.approx(recall))


def picture(height: int = 10, black: int = 0, kind: str = "PNG") -> bytes:
    made = Image.new("RGB", (10, height), "white")
    made.paste((0, 0, 0), (0, 0, 10, black))
    out = io.BytesIO()
    made.save(out, kind)
    return out.getvalue()


def test_pixels_that_differ_or_are_not_there_are_counted() -> None:
    assert differing_share(picture(), picture()) == 0.0
    assert differing_share(picture(), picture(black=3)) == pytest.approx(0.3)
    assert differing_share(picture(), picture(height=20)) == pytest.approx(0.5)


def test_all_tiles_of_a_page_count() -> None:
    assert differing_share_of_tiles([picture(), picture()], [picture()]) == pytest.approx(0.5)
    assert differing_share_of_tiles([picture()], []) == 1.0
    assert differing_share_of_tiles([picture()], [picture(), picture()], cut=True) == 0.0
    assert differing_share_of_tiles([picture()], [picture(height=30)], cut=True) == 0.0


def test_a_stored_picture_that_is_lossy_equals_what_it_was_made_of() -> None:
    shown = picture(height=64, black=21)
    assert differing_share_of_tiles([encode_lossy(shown)], [shown]) == 0.0


def test_a_stored_picture_that_is_lossless_is_compared_as_the_browser_drew_it() -> None:
    assert is_lossless(encode_tile(picture(height=64)))
    found = differing_share_of_tiles(
        [encode_tile(picture(height=64))], [picture(height=64, black=16)]
    )
    assert found == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://a.example/x?_=1764500000123&a=b", "http://a.example/x?_=&a=b"),
        ("http://a.example/x?r=0.7342342343", "http://a.example/x?r="),
        ("http://a.example/x?id=12345&v=2", "http://a.example/x?id=12345&v=2"),
        ("http://a.example/1764500000123", "http://a.example/1764500000123"),
    ],
    ids=["an instant", "a random number", "an id", "in the path"],
)
def test_parameters_that_differ_with_every_visit_are_left_out(url: str, same: str) -> None:
    assert without_cache_busters(url) == same

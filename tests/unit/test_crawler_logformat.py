"""Log lines of items name the snapshot and never contain the page; outages are logged elsewhere."""

import logging
from types import SimpleNamespace

import pytest

from crawler.logformat import ShortLogFormatter
from linkshot.errors import StoreUnavailable

ITEM = SimpleNamespace(request=SimpleNamespace(request_id="r1"), text="a whole page")


@pytest.mark.parametrize(
    ("exception", "level"),
    [
        pytest.param(StoreUnavailable("away"), logging.DEBUG, id="a part that does not answer"),
        pytest.param(ValueError("odd"), logging.ERROR, id="a mistake"),
    ],
)
def test_a_stage_that_failed_names_the_snapshot(exception, level):
    said = ShortLogFormatter().item_error(ITEM, exception, None, None)
    assert said["level"] == level
    assert said["msg"] % said["args"] == "A stage failed for snapshot r1"

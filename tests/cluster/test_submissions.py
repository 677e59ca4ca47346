"""The producer of docs/messages.md, run as it stands there, becomes a link with its tags."""

import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from linkshot.dispatch.catalogue_consumer import CatalogueConsumer
from linkshot.domain.messages import SUBMISSIONS
from linkshot.use_cases import links
from linkshot.wiring import open_app
from tests.conftest import CLUSTER
from tests.stores import cluster_settings

pytestmark = pytest.mark.cluster

DOCS = Path(__file__).parents[2] / "docs" / "messages.md"
URL = "https://example.com/front-door"


def test_the_documented_producer_makes_a_link(tmp_path: Path) -> None:
    producer = tmp_path / "producer.py"
    producer.write_text(
        re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0], "utf-8"
    )
    servers = CLUSTER["LINKSHOT_QUEUE"].removeprefix("kafka://").split("?")[0]
    with cluster_settings({"data": tmp_path / "data"}) as settings:
        whole = replace(settings, queue=CLUSTER["LINKSHOT_QUEUE"])
        app = open_app(whole)
        consumer = CatalogueConsumer(app)
        try:
            app.queue.create_topics([SUBMISSIONS])  # as dispatch does
            subprocess.run([sys.executable, str(producer), servers, URL], check=True, timeout=60)
            until = time.monotonic() + 60
            while time.monotonic() < until and not consumer.work_once():
                time.sleep(0.1)
            assert [tag.name for tag in links.get(app, URL).tags] == ["inbox/from-kafka"]
        finally:
            consumer.close()
            app.close()

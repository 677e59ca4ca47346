"""Scrapy extension that opens one App per worker, for the spider and the pipelines."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from linkshot.app import App
from linkshot.wiring import open_app
from pipelines.sandbox import close_sandbox


class Runtime:
    """Opens the App from the setting LINKSHOT_SETTINGS and closes it with the spider."""

    def __init__(self, app: App) -> None:
        self.app = app

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = cls(open_app(crawler.settings["LINKSHOT_SETTINGS"]))
        crawler.signals.connect(runtime.engine_stopped, signals.engine_stopped)
        return runtime

    def engine_stopped(self) -> None:
        close_sandbox()
        self.app.close()


def app_of(crawler: Crawler) -> App:
    """The worker's App."""
    runtime = crawler.get_extension(Runtime)
    if runtime is None:
        raise RuntimeError("the extension pipelines.runtime.Runtime is not enabled")
    return runtime.app

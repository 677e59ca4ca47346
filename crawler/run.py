"""Runs a crawl worker: run_crawl() blocks until the worker has ended, and returns its exit code."""

import logging
import os

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings as ScrapySettings

from crawler.browser.launch import find_browser
from crawler.exit_codes import ExitCode, ParentProcess
from crawler.queue.adaptive_slots import most_slots
from crawler.robots_rules import AGENT
from linkshot import __version__
from linkshot.system.config import Settings
from linkshot.system.signals import end_now


def scrapy_settings(settings: Settings) -> ScrapySettings:
    """Scrapy's settings: the fixed ones of crawler/settings.py and what follows from ours."""
    made = ScrapySettings()
    slots = most_slots(settings.page_slots, os.cpu_count() or 1, settings.browser_memory_bytes)
    made.setmodule("crawler.settings", priority="project")
    made.setdict(
        {
            "LINKSHOT_SETTINGS": settings,
            "CONCURRENT_REQUESTS": slots + 4,
            "CONCURRENT_REQUESTS_PER_DOMAIN": slots + 4,
            "CONCURRENT_ITEMS": slots * 2,
            "USER_AGENT": settings.user_agent or f"{AGENT}/{__version__}",
            "LOG_ENABLED": False,
            "LOG_LEVEL": settings.log_level.upper(),
        },
        priority="cmdline",
    )
    return made


def run_crawl(settings: Settings, *, parent: ParentProcess | None = None) -> int:
    """Visit pages until a signal or the end of the parent; the exit code.

    Raises ConfigError when no browser can be found.
    """
    find_browser(settings)
    from crawler.spiders.snapshot import SnapshotSpider
    from crawler.worker import Worker

    if parent is not None:
        parent.gone = lambda: end_now(ExitCode.PARENT_GONE)
    process = AsyncCrawlerProcess(scrapy_settings(settings))
    configure_scrapy_logging(settings)
    crawler = process.create_crawler(SnapshotSpider)
    process.crawl(crawler)
    process.start(install_signal_handlers=False)
    try:
        worker = crawler.get_extension(Worker)
    except RuntimeError:  # it failed before it had any extension; the log says why
        worker = None
    if worker is None:
        return int(ExitCode.FAILED)
    worker.watchdog.close()
    return worker.code()


def configure_scrapy_logging(settings: Settings) -> None:
    """Silence Scrapy's own info lines, except at the debug level."""
    if settings.log_level != "debug":
        for name in ("scrapy", "scrapy-playwright", "twisted", "py.warnings"):
            logging.getLogger(name).setLevel(logging.WARNING)

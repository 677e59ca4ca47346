"""Scrapy's settings that no user changes; crawler/run.py adds what follows from ours."""

BOT_NAME = "linkshot"
SPIDER_MODULES = ["crawler.spiders"]
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

DOWNLOAD_HANDLERS = {
    "http": "crawler.browser.download_handler.SnapshotDownloadHandler",
    "https": "crawler.browser.download_handler.SnapshotDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
# Scrapy imports whatever stands in its *_BASE lists, also what is switched off: remote control brings
# aiohttp, cookies bring tldextract and requests, 0.2 CPU-seconds of each start. What is used stays.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
}
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
EXTENSIONS = {
    # before whatever opens connections, so that a signal can end the worker meanwhile
    "crawler.worker.Worker": 0,
    "pipelines.runtime.Runtime": 10,
}
ITEM_PIPELINES = {
    "pipelines.upload.UploadPipeline": 50,
    "pipelines.unrendered.UnrenderedPipeline": 60,
    "pipelines.text.TextPipeline": 100,
    "pipelines.reader.ReaderPipeline": 200,
    "pipelines.meta.MetaPipeline": 300,
    "pipelines.screenshot.ScreenshotPipeline": 400,
    "pipelines.page_html.page.PagePipeline": 500,
    "pipelines.original.OriginalPipeline": 550,
    "pipelines.quality.QualityPipeline": 600,
    "pipelines.change.ChangePipeline": 700,
    "pipelines.archive.wacz_pipeline.WaczPipeline": 750,
    "crawler.replay.view_pipeline.ViewPipeline": 770,
    "crawler.replay.self_check.SelfCheckPipeline": 780,
    "pipelines.store.StorePipeline": 800,
    "pipelines.publish.PublishPipeline": 900,
}

# one place for retries (linkshot/domain/retry.py), one for pacing (crawler/queue/host_scheduler.py)
RETRY_ENABLED = False
AUTOTHROTTLE_ENABLED = False
DOWNLOAD_DELAY = 0
HTTPERROR_ALLOW_ALL = True

# no remote control, no state between visits, no referrer
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"
HTTPPROXY_ENABLED = True
METAREFRESH_ENABLED = False
DOWNLOADER_MIDDLEWARES = {
    "crawler.robots_middleware.RobotsMiddleware": 100,
}
URLLENGTH_LIMIT = 0

# Scrapy's own downloads are robots.txt and nothing else
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30

# items carry whole pages; page slots bound them, not the size of responses
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 1 << 40
LOG_FORMATTER = "crawler.logformat.ShortLogFormatter"
STATS_DUMP = False

PLAYWRIGHT_BROWSER_TYPE = "chromium"
PLAYWRIGHT_PROCESS_REQUEST_HEADERS = None

"""Lower bound for the cost of a page: a bare Playwright loop, content() and a full-page PNG, 2 at a time."""

import asyncio
import json
import sys

from playwright.async_api import Browser, async_playwright

from crawler.browser.launch import find_browser, sandbox_available
from linkshot.system.config import Settings

CONCURRENCY = 2


async def _visit(browser: Browser, semaphore: asyncio.Semaphore, url: str) -> tuple[int, int, int]:
    """Height in pixels, bytes of HTML, bytes of PNG."""
    async with semaphore:
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(url)
        html = await page.content()
        picture = await page.screenshot(full_page=True)
        height: int = await page.evaluate("document.documentElement.scrollHeight")
        await context.close()
    return height, len(html.encode()), len(picture)


async def _all(urls: list[str]) -> list[tuple[int, int, int]]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=str(find_browser(Settings())), chromium_sandbox=sandbox_available()
        )
        semaphore = asyncio.Semaphore(CONCURRENCY)
        seen = await asyncio.gather(*(_visit(browser, semaphore, url) for url in urls))
        await browser.close()
    return list(seen)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_all(json.load(sys.stdin)))))

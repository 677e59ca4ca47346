"""linkshot's own test site: a real server on loopback with good, odd and hostile pages."""

from tests.site.handlers import PAGES
from tests.site.server import Site

__all__ = ["PAGES", "Site"]

"""Which pages does linkshot's own test site serve, and how does a test start it?"""

from tests.site.handlers import PAGES
from tests.site.server import Site

__all__ = ["PAGES", "Site"]

"""The site of a host: the part of its name that one owner registered, by the Public Suffix List. (pure)

Cookies belong to a site, and none is taken for a public suffix (`com`, `co.uk`, `github.io`): all sites below
one would get it (RFC 6265 §5.3). The list is the one inside tldextract; nothing is fetched.
"""

from functools import cache
from typing import TYPE_CHECKING

from linkshot.domain.urls import is_ip_address

if TYPE_CHECKING:
    from tldextract import TLDExtract


def site_of(host: str) -> str | None:
    """The site of a host in ASCII; None for a public suffix, which is nobody's site.

    An address, and a name without a dot that is no suffix (`localhost`), is a site of its own. Under a
    suffix that the list does not know the last two names are the site (the list's rule `*`).
    """
    if is_ip_address(host):
        return host
    found = _extract()(host)
    if found.suffix:
        return f"{found.domain}.{found.suffix}" if found.domain else None
    return ".".join(host.split(".")[-2:])


@cache
def _extract() -> "TLDExtract":
    import tldextract

    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )

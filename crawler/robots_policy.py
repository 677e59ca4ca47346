"""Decides for which visits robots.txt is obeyed. (pure)"""

from collections.abc import Collection

from linkshot.domain.messages import SnapshotRequested
from linkshot.domain.model import Reason


def is_obeyed(request: SnapshotRequested, reasons: Collection[str]) -> bool:
    """Whether the visit of this request obeys robots.txt: by the rules for its site, else by the setting."""
    if request.site is not None and request.site.robots is not None:
        return request.site.robots == "obey"
    asked = request.retry_of if request.reason is Reason.RETRY else request.reason
    # an older dispatch does not tell what a retry repeats: then the stricter reading holds
    return bool(reasons) if asked is None else asked.value in reasons

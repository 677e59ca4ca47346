"""Builds the documents of a link for the index: a function of LinkChanged and its texts. (pure)"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from linkshot.domain.change_key import upgraded_key
from linkshot.domain.messages import LinkChanged, SeenText
from linkshot.domain.model import IndexDocument
from linkshot.domain.url_display import display_url
from linkshot.ports import IndexChange, Removal, Trim, Upsert
from linkshot.text.text_format import upgraded_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def documents(message: LinkChanged, text_of: Callable[[str], str]) -> list[IndexChange]:
    """The link's document and one for each distinct text that stays; a removal for a removed link.

    `text_of` gives the text under a store key, "" when it is missing or damaged.
    """
    if message.removed:
        return [Removal(link_id=message.link_id, rev=message.rev)]
    current = message.current
    text = text_of(current.text_key) if current and current.text_key else ""
    changes: list[IndexChange] = [Upsert(document=_document(message, message.link_id, text))]
    changes += [
        Upsert(
            document=_document(
                message, f"{message.link_id}:{seen.text_sha256}", text_of(seen.text_key), seen
            )
        )
        for seen in message.new_versions
    ]
    if message.older_versions:
        changes.append(Trim(link_id=message.link_id, rev=message.rev))
    return changes


def _document(
    message: LinkChanged, document_id: str, text: str, seen: SeenText | None = None
) -> IndexDocument:
    current = message.current
    return IndexDocument(
        id=document_id,
        link_id=message.link_id,
        rev=message.rev,
        version=seen is not None,
        url=display_url(message.url),
        title=message.title,
        note=message.note,
        text=upgraded_text(text),
        site=message.host,
        tag_ids=message.tag_ids,
        language=(current.language or "") if current else "",
        state=message.state.value,
        http_status=current.http_status if current else None,
        verdict=(current.verdict or "") if current else "",
        unread=message.unread,
        watched=message.watched,
        by_added=message.by_added,
        by_changed=upgraded_key(message.by_changed, message.by_added),
        taken_at=_us(current.taken_at) if current else 0,
        seen_from=_us(seen.seen_from) if seen else 0,
        seen_to=_us(seen.seen_to) if seen else 0,
    )


def _us(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)

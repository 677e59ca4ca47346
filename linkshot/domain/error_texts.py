"""Sentences for the codes of errors. (pure)"""


def _(message: str) -> str:
    """Marks a message for extraction; it is translated when it is rendered."""
    return message


ERROR_MESSAGES = {
    "url.required": _("There is no address in it."),
    "url.type": _("This is not an address."),
    "url.unparseable": _("This address cannot be read; please check its spelling."),
    "url.scheme_missing": _("The address should begin with https:// or http://."),
    "url.scheme_not_allowed": _("Only http and https addresses can be kept."),
    "url.host_missing": _("The address names no site."),
    "url.host_invalid": _("The name of the site cannot be right."),
    "url.host_blocked": _("This site lies inside a private network; such pages are not fetched."),
    "url.address_blocked": _(
        "This address lies inside a private network; allow it with the setting allow_networks if "
        "it is yours."
    ),
    "url.port_invalid": _("The port of the address is not a number from 1 to 65535."),
    "url.port_not_allowed": _("Pages are not fetched from this port."),
    "url.backslash": _("The address holds a backslash where a site's name should be."),
    "url.too_long": _("The address is too long."),
    "url.not_an_address": _(
        "This is a word, not an address: one looks like https://example.com/page. To search for it, "
        "type it into the box above."
    ),
    "url.self": _("This is linkshot's own address."),
    "tag.empty": _("A tag needs at least one character."),
    "tag.control_char": _("A tag cannot hold control characters."),
    "tag.too_long": _("The tag is too long: at most 100 characters."),
    "tag.invalid": _("This cannot be a tag."),
    "tag.exists": _("There is a tag with this name already."),
    "tag.cycle": _("A tag cannot be moved below itself."),
    "tag.not_found": _("There is no such tag any more."),
    "tags.too_many": _("A link carries at most 100 tags."),
    "title.too_long": _("The title is too long."),
    "note.too_long": _("The note is too long."),
    "link.ambiguous": _("Several links begin like this; write more of the id."),
    "link.not_found": _("There is no such link here."),
    "link.not_trashed": _("This link is not in the trash."),
    "link.trashed": _("This link is in the trash; restore it from there first."),
    "snapshot.not_found": _("There is no such snapshot."),
    "view.no_archive": _("This snapshot has no web archive to make a view of."),
    "artifact.not_found": _("There is no such file."),
    "artifact.damaged": _("The stored file is damaged, so it is not shown."),
    "import.empty": _("The file holds no links."),
    "import.not_text": _(
        "The file is not text, so it is not a list of links. Unpack archives first; from other programs, "
        "export the links as HTML, CSV or text."
    ),
    "import.format_unknown": _(
        "linkshot cannot read this kind of file yet. HTML bookmark files, CSV with a column “url” in its "
        "first line, and plain lists of links work; most programs export one of these."
    ),
    "import.dtd_forbidden": _("This is XML with declarations of its own; such files are not read."),
    "import.columns": _(
        "The row does not fit the header: where the address should be is none. A comma or a quote is "
        "missing or too much."
    ),
    "import.line_too_long": _("The row is too long."),
    "import.charset_unknown": _("The file is written in an unknown charset."),
    "imports.too_many": _(
        "%(limit)s imports are running already; please send this one again in a moment."
    ),
    "import.invalid": _("This file cannot be imported."),
    "import.invalid_bytes": _("This row holds a byte that is not text in the charset of the file."),
    "file.several": _("Only one file is taken at a time; send the others one after the other."),
    "upload.empty": _("The file is empty."),
    "upload.not_a_page": _(
        "This file is not a saved page: send HTML (as SingleFile saves it), MHTML, WACZ or WARC."
    ),
    "upload.no_page": _("There is no page in this archive."),
    "upload.no_such_page": _("This archive has no page of that address."),
    "upload.several_pages": _("This archive has several pages; name the address of one of them."),
    "upload.too_many_pages": _("This archive has more pages than are taken at once."),
    "upload.no_address": _(
        "This file does not say where it was saved from; name the address of the page."
    ),
    "upload.archive_unreadable": _("The web archive cannot be read."),
    "upload.packed": _(
        "This page is packed and needs a script to unpack itself; save it as plain HTML."
    ),
    "upload.other_address": _("This page was saved from another address than that of the link."),
    "cookie.columns": _("This is no cookie: its fields are incomplete, or not separated by tabs."),
    "cookie.expires": _("The time when the cookie expires is not a number."),
    "cookie.domain": _("The domain of the cookie is not the name of a site."),
    "cookie.public_suffix": _(
        "The cookie is for all sites below a public suffix, like com or co.uk."
    ),
    "cookie.control_char": _("The cookie holds control characters."),
    "cookie.characters": _("The cookie holds characters that browsers do not take."),
    "cookie.name": _("The cookie has no name."),
    "cookie.too_long": _("The cookie is larger than the 4096 bytes that browsers take."),
    "cookie.prefix": _(
        "The cookie lacks what its name promises: __Secure- and __Host- need Secure, __Host- also one "
        "host and the path /."
    ),
    "cookie.partitioned": _("The cookie is only for this site inside the pages of another one."),
    "cookies.empty": _("The file holds no cookies."),
    "cookies.too_large": _("At most 8 MiB are taken here; export the cookies of one site only."),
    "cookies.too_many": _(
        "These are more cookies than browsers keep; export those of one site only."
    ),
    "cookies.not_text": _("The file is not text in UTF-8."),
    "cookies.not_json": _("The file begins like JSON and is none; export it again."),
    "cookies.format_unknown": _(
        "linkshot cannot read this file. A cookies.txt works (seven fields with tabs between), and JSON "
        "from Cookie-Editor, EditThisCookie or Playwright."
    ),
    "cookies.none_left": _(
        "No cookie of the file can be used, so nothing was changed: they have expired, or are not as "
        "browsers take them."
    ),
    "cookies.several_sites": _(
        "The file holds cookies of several sites. Say which of them linkshot may have."
    ),
    "cookies.site_unknown": _("The file holds no cookies of this site."),
    "cookies.sealed": _("The sealed cookies do not open with this key, or were changed."),
    "cookies.not_found": _("There are no cookies of this site here."),
    "cookies.no_key": _(
        "linkshot has no key to seal cookies with. Run `linkshot cookies key`, give the workers the "
        "private key and this process the public one."
    ),
    "replay.own_origin": _(
        "The player of web archives is on linkshot's own origin, where it is not opened"
        "; it needs another host name or port."
    ),
    "replay.too_many": _("Too many wrong addresses came from here; wait a minute."),
    "memento.datetime": _(
        "Accept-Datetime is a date as HTTP writes it: Fri, 20 Nov 2026 09:00:00 GMT."
    ),
    "batch.too_large": _("These are too many links for one call; upload them as a list."),
    "site.invalid": _("A site is a host like example.com, perhaps with a path: example.com/forum."),
    "site.empty": _("A rule says at least one thing about its site."),
    "site.snapshot": _("Whether snapshots are made is yes, no or default."),
    "site.delay": _("The pause is a number of seconds from 0 to 600."),
    "site.user_agent": _("A User-Agent has 1 to 400 characters, all of them printable ASCII."),
    "site.consent": _("A box that asks for consent is refused, hidden or left."),
    "site.viewport": _("A window is width × height like 390x844, each side 240 to 2560 pixels."),
    "site.robots": _("robots.txt is obeyed or ignored."),
    "site.too_many": _("There are too many rules for sites; remove one first."),
    "site.not_found": _("There is no such rule any more."),
    "site.no_snapshot": _("This page is not visited, because a rule for its site says so."),
    "import.not_found": _("There is no such import."),
    "schedule.invalid": _("Write a number and m, h, d or w, like 12h or 1d."),
    "schedule.too_often": _("A page is visited every 5 minutes at most."),
    "cursor.invalid": _("This page of the list is no longer there."),
    "cursor.other_query": _("This page of the list belongs to another search."),
    "page.too_deep": _("Only the first 1,000 hits can be paged; sort by date to go further."),
    "query.syntax": _("The search cannot be read."),
    "query.too_complex": _("This search is too complex; please use fewer words."),
    "query.too_broad": _("Too many words begin like this; write more of the word before the *."),
    "limit.invalid": _("This many at a time cannot be shown."),
    "sort.unknown": _("The list cannot be sorted like this."),
    "catalogue.unavailable": _("The catalogue does not answer; please try again in a moment."),
    "queue.unavailable": _("The queue does not answer; snapshots wait, nothing is lost."),
    "queue.topics_missing": _("Topics of the queue are missing; “linkshot dispatch” creates them."),
    "store.damaged": _(
        "Some stored files are damaged; “linkshot verify” lists them. Everything else goes on."
    ),
    "store.unavailable": _("The store does not answer; please try again in a moment."),
    "search.unavailable": _(
        "The search index does not answer; lists, tags and filters still work."
    ),
    "search.rebuilding": _(
        "The search index is being made again; please try again in a moment. Lists, tags and "
        "filters still work."
    ),
    "search.rebuild": _(
        "The search index must be made again: run “linkshot rebuild”, or start “linkshot up”, which "
        "does it by itself. Lists, tags and filters still work."
    ),
    "index.refused": _("The search index refused this; its log says why."),
    "browser.unavailable": _("The browser does not start; visits wait."),
    "unavailable": _("A part of linkshot does not answer; please try again in a moment."),
    "events.too_many": _("Too many pages are being followed already; this one is not."),
    "ids.invalid": _("These are no ids of links."),
    "idempotency.conflict": _("This key was used with another body before."),
    "conflict": _("This change conflicts with another one; look again and repeat it."),
    "too_many": _("This is more at once than is allowed; please try again in a moment."),
    "invalid": _("What was given cannot be used."),
    "message.undecodable": _("This is no message of linkshot's."),
    "message.version": _("This message was written by a newer version of linkshot."),
    "message.too_large": _("This message is larger than any of linkshot's."),
    "message.unsigned": _("No linkshot of this store has signed this message."),
    "message.forged": _("The signature of this message does not fit what it says."),
    "dead.where": _("This is no place of a message; the log and `dead ls` name them."),
    "dead.topic": _("No reader takes messages from where this one comes from."),
    "dead.cut": _("Only the beginning of this message was kept, so it cannot be sent again."),
    "queue.refused": _("The queue refused this message; others go on."),
    "role.stuck": _("This part of linkshot does not work, or has stood still for too long."),
    "role.taken": _("Another linkshot on this machine does this work already."),
    "config": _("A setting cannot work."),
    "body.too_large": _("This is too large."),
    "body.slow": _("It took too long to arrive; please try again."),
    "content.encoding": _("It has to come as it is, not compressed."),
    "content.type": _("The API takes application/json."),
    "json.invalid": _("The body is not JSON."),
    "json.invalid_unicode": _("The body holds half a character."),
    "field.unknown": _("There is a field that is not known here."),
    "range": _("The file has no such part."),
    "method": _("This cannot be done here."),
    "host.invalid": _("A request has to name one host."),
    "host.not_allowed": _(
        "This linkshot does not answer to this name; add it to the setting allowed_hosts if it is yours."
    ),
    "forbidden": _("This is not allowed."),
    "http": _("This cannot be answered."),
    "login.required": _("A password is needed."),
    "not_found": _("There is no such page."),
    "login.too_many": _("Too many wrong passwords; wait a minute and try again."),
    "csrf": _(
        "Changes are only taken from linkshot's own pages. If you are on one, a proxy in between does "
        "not pass on its host and port: see public_url in the settings."
    ),
    "internal": _("Something went wrong inside linkshot; its log says what."),
}
"""Code → sentence, of every code in the sources (tests/unit/test_codes.py)."""

"""What every SearchIndex promises (ports.SearchIndex), sentence by sentence."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from linkshot.domain.model import IndexDocument
from linkshot.ports import FACETS, Hits, PageRequest, Removal, SearchIndex, Trim, Upsert
from linkshot.query import At, Query, Sort, TagIds, Text, parse

NOW = 1_750_000_000_000_000
"""2025-06-15, µs since 1970."""
DAY = 86_400_000_000


def link(number: int, rev: int = 1, **given: object) -> Upsert:
    """The document of link `number`; added that many seconds after NOW."""
    base = {"by_added": NOW + number * 1_000_000, "by_changed": NOW - number * 1_000_000}
    return Upsert(
        document=IndexDocument(id=name(number), link_id=name(number), rev=rev, **base | given)
    )


def version(number: int, sha: str, rev: int = 1, **given: object) -> Upsert:
    """A version document of link `number`."""
    base = {"by_added": NOW + number * 1_000_000, "by_changed": NOW - number * 1_000_000}
    base |= {"version": True, "seen_from": NOW, "seen_to": NOW + DAY}
    document = IndexDocument(
        id=f"{name(number)}:{sha}", link_id=name(number), rev=rev, **base | given
    )
    return Upsert(document=document)


def name(number: int) -> str:
    return f"{number:032x}"


def removal(number: int, rev: int) -> Removal:
    return Removal(link_id=name(number), rev=rev)


def trim(number: int, rev: int) -> Trim:
    return Trim(link_id=name(number), rev=rev)


def versions(index: SearchIndex) -> set[str]:
    """The version documents of link 1, by the last part of their ids."""
    return {doc.rpartition(":")[2] for doc, _ in index.revisions() if ":" in doc}


def search(index: SearchIndex, query: Query | str, **page: object) -> Hits:
    tree = parse(query) if isinstance(query, str) else query
    return index.search(tree, PageRequest(**{"limit": 100} | page))


def found(index: SearchIndex, query: Query | str, **page: object) -> list[int]:
    """Numbers of the links found, in order."""
    return [int(hit.link_id, 16) for hit in search(index, query, **page).hits]


def at(start: int, end: int, text: str) -> Query:
    from linkshot.query import And

    return And((At(start, end), Text(text)))


# apply


def test_what_is_applied_is_findable_when_it_returns(index):
    index.apply([link(1, title="链接快照平台")])
    assert found(index, "快照") == [1]


def test_applying_nothing_does_nothing(index):
    index.apply([])
    assert index.count() == 0


def test_a_newer_revision_replaces_the_document(index):
    index.apply([link(1, rev=1, text="old")])
    index.apply([link(1, rev=2, text="new")])
    assert found(index, "old") == []
    assert found(index, "new") == [1]
    assert index.count() == 1


def test_an_older_revision_never_overwrites_a_newer_one(index):
    index.apply([link(1, rev=2, text="new")])
    index.apply([link(1, rev=1, text="old")])
    assert found(index, "new") == [1]
    assert found(index, "old") == []


def test_equal_revisions_overwrite(index):
    index.apply([link(1, rev=2, text="first")])
    index.apply([link(1, rev=2, text="second")])
    assert found(index, "second") == [1]
    assert found(index, "first") == []


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["older first", "newer first"])
def test_the_same_id_twice_in_one_call_keeps_the_newest(index, order):
    index.apply([link(1, rev=rev, text=f"word{rev}") for rev in order])
    assert found(index, "word2") == [1]
    assert found(index, "word1") == []
    assert index.count() == 1


def test_of_equal_revisions_in_one_call_the_last_one_stays(index):
    index.apply([link(1, text="first"), link(1, text="second")])
    assert found(index, "second") == [1]
    assert index.count() == 1


def test_a_removal_hides_the_link_and_all_its_versions(index):
    index.apply([link(1, text="word"), version(1, "a", text="word"), link(2, text="word")])
    index.apply([removal(1, 2)])
    assert found(index, "word") == [2]
    assert found(index, at(NOW, NOW + 1, "word")) == []
    assert index.count() == 1
    assert [doc for doc, _ in index.revisions()] == [name(2)]


def test_a_removed_link_stays_removed_against_older_upserts_however_late(index):
    index.apply([removal(1, 5)])
    index.apply([link(1, rev=5, text="word"), version(1, "a", rev=4, text="word")])
    assert found(index, "word") == []
    assert found(index, at(NOW, NOW + 1, "word")) == []


def test_a_removal_before_the_link_was_ever_known_counts(index):
    index.apply([removal(1, 5), link(1, rev=3, text="word")])
    assert index.count() == 0


def test_a_link_that_comes_back_with_a_newer_revision_is_findable(index):
    index.apply([link(1, rev=1, text="word"), removal(1, 2)])
    index.apply([link(1, rev=3, text="word")])
    assert found(index, "word") == [1]


def test_a_link_that_came_back_stays_closed_to_versions_of_before(index):
    index.apply([removal(1, 5)])
    index.apply([link(1, rev=7, text="word")])
    index.apply([version(1, "a", rev=4, text="word")])
    assert found(index, at(NOW, NOW + 1, "word")) == []


def test_a_removal_that_comes_late_does_not_remove_what_is_newer(index):
    index.apply([link(1, rev=7, text="word")])
    index.apply([removal(1, 5)])
    assert found(index, "word") == [1]
    assert index.count() == 1


@pytest.mark.parametrize("upsert_first", [True, False], ids=["upsert first", "removal first"])
def test_in_one_call_the_higher_revision_of_removal_and_upsert_counts(index, upsert_first):
    for number, rev in ((1, 1), (2, 3)):
        both = [link(number, rev=rev, text="word"), removal(number, 2)]
        index.apply(both if upsert_first else both[::-1])
    assert found(index, "word") == [2]


def test_an_upsert_of_the_link_leaves_its_versions(index):
    index.apply([link(1, rev=1, text="new"), version(1, "a", rev=1, text="old")])
    index.apply([link(1, rev=2, text="newer")])
    assert found(index, at(NOW, NOW + 1, "old")) == [1]


def test_a_trim_removes_the_versions_of_lower_revisions_and_nothing_else(index):
    index.apply([link(1, text="word"), *(version(1, sha, text="word") for sha in "abc")])
    index.apply([link(2, text="word"), version(2, "d", text="word")])
    index.apply([version(1, "b", rev=5), version(1, "c", rev=6), trim(1, 5)])
    assert versions(index) == {"b", "c", "d"}
    assert sorted(found(index, "word")) == [1, 2]


def test_versions_of_before_a_trim_stay_away_however_late_they_come(index):
    index.apply([link(1, rev=5), version(1, "b", rev=5, text="new"), trim(1, 5)])
    index.apply([link(1, rev=4), version(1, "a", rev=4, text="old")])
    assert versions(index) == {"b"}
    assert found(index, at(NOW, NOW + 1, "old")) == []
    index.apply([version(1, "c", rev=5), version(1, "d", rev=9)])
    assert versions(index) == {"b", "c", "d"}


@pytest.mark.parametrize("trim_first", [True, False], ids=["trim first", "versions first"])
def test_in_one_call_a_trim_counts_for_the_versions_of_lower_revisions(index, trim_first):
    three = [version(1, "a", rev=4), version(1, "b", rev=5), trim(1, 5)]
    index.apply(three[::-1] if trim_first else three)
    assert versions(index) == {"b"}


def test_a_trim_twice_or_late_changes_nothing_more(index):
    index.apply([link(1, rev=9), *(version(1, sha, rev=9) for sha in "ab"), trim(1, 9)])
    index.apply([trim(1, 9)])
    index.apply([trim(1, 4)])
    index.apply([version(1, "c", rev=8)])
    assert versions(index) == {"a", "b"}
    assert index.count() == 1


def test_a_trimmed_link_that_is_removed_and_comes_back_has_its_new_versions(index):
    index.apply([link(1), version(1, "a"), trim(1, 1), removal(1, 5)])
    index.apply([link(1, rev=6), version(1, "b", rev=6)])
    index.apply([version(1, "a", rev=3)])
    assert versions(index) == {"b"}


def test_a_new_index_needs_no_rebuild(index):
    index.apply([link(1)])
    assert index.needs_rebuild is False


# search


def test_only_link_documents_are_searched_without_a_time(index):
    index.apply([link(1, text="new"), version(1, "a", text="old")])
    assert found(index, "old") == []
    assert found(index, "new") == [1]


def test_the_total_counts_all_hits_not_only_the_page(index):
    index.apply([link(number, text="word") for number in range(7)])
    hits = search(index, "word", limit=3)
    assert (hits.total, len(hits.hits)) == (7, 3)


def test_a_page_of_no_hits_has_the_total_alone(index):
    index.apply([link(1, text="word")])
    assert search(index, "word", limit=0).hits == ()
    assert search(index, "word", limit=0).total == 1


def test_a_hit_in_the_title_weighs_more_than_one_in_the_text(index):
    index.apply([link(2, text="kafka and more"), link(1, title="kafka and more")])
    assert found(index, "kafka") == [1, 2]


def test_better_hits_come_first_by_relevance(index):
    index.apply([link(1, text="scrapy"), link(2, text="scrapy " + "filler " * 300)])
    first, second = search(index, "scrapy").hits
    assert [first.link_id, second.link_id] == [name(1), name(2)]
    assert first.score > second.score


def test_equally_relevant_hits_come_newest_first(index):
    index.apply([link(number, text="same words") for number in (3, 1, 4, 2)])
    assert found(index, "same") == [4, 3, 2, 1]


def test_pages_by_relevance_follow_each_other_without_gaps(index):
    index.apply([link(number, text="same") for number in range(23)])
    pages = [found(index, "same", limit=5, offset=offset) for offset in range(0, 25, 5)]
    assert [number for page in pages for number in page] == list(range(22, -1, -1))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.NEWEST, [4, 3, 2, 1, 0]),
        (Sort.OLDEST, [0, 1, 2, 3, 4]),
        (Sort.CHANGED, [0, 1, 2, 3, 4]),
    ],
)
def test_sorted_by_date_pages_follow_the_last_key(index, sort, order):
    index.apply([link(number, text="word") for number in range(5)])
    shown: list[int] = []
    before = None
    while page := search(index, "word", sort=sort, limit=2, before=before).hits:
        shown += [int(hit.link_id, 16) for hit in page]
        before = page[-1].key
    assert shown == order


def test_the_total_does_not_shrink_on_later_pages(index):
    index.apply([link(number, text="word") for number in range(5)])
    first = search(index, "word", sort=Sort.NEWEST, limit=2)
    later = search(index, "word", sort=Sort.NEWEST, limit=2, before=first.hits[-1].key)
    assert first.total == later.total == 5


def test_the_key_of_a_hit_is_what_it_is_sorted_by(index):
    index.apply([link(3, text="word")])
    keys = [search(index, "word", sort=sort).hits[0].key for sort in (Sort.NEWEST, Sort.CHANGED)]
    assert keys == [NOW + 3_000_000, NOW - 3_000_000]


def test_excluded_links_are_in_neither_hits_nor_total_nor_facets(index):
    index.apply([link(number, text="word", language="en") for number in range(4)])
    hits = search(index, "word", exclude=[name(1), name(3)])
    assert sorted(int(hit.link_id, 16) for hit in hits.hits) == [0, 2]
    assert (hits.total, hits.facets["language"]) == (2, {"en": 2})


def test_a_hit_carries_the_text_as_it_was_up_to_its_limit(index):
    index.apply([link(1, text="Ｆｕｌｌ 全文 " + "x" * 150_000)])
    text = search(index, "全文").hits[0].text
    assert text.startswith("Ｆｕｌｌ 全文 xx")
    assert len(text) == 100_000


def test_text_beyond_the_limit_is_not_searched_and_does_no_harm(index):
    index.apply([link(1, text="begin " + "字" * 40_000 + " 尾巴")])
    assert found(index, "begin") == [1]
    assert found(index, "尾巴") == []


def test_words_of_any_length_and_half_characters_do_no_harm(index):
    index.apply([link(1, text="a" * 70_000 + " \ud800 ok", title="\udfff", note="\x00")])
    assert found(index, "ok") == [1]
    assert found(index, "a" * 500) == [1]


def test_tags_are_found_by_id(index):
    index.apply([link(1, tag_ids=("t1", "t2")), link(2, tag_ids=("t2",)), link(3)])
    assert sorted(found(index, TagIds(frozenset({"t1", "t9"})))) == [1]
    assert sorted(found(index, TagIds(frozenset({"t2"})))) == [1, 2]
    assert found(index, TagIds(frozenset())) == []


def test_a_query_without_words_comes_newest_first(index):
    index.apply([link(number, unread=number % 2 == 0) for number in range(6)])
    assert found(index, "is:unread") == [4, 2, 0]
    assert found(index, "is:unread", limit=1, offset=1) == [2]


# facets


def test_facets_count_all_hits_exactly(index):
    index.apply(
        [
            link(
                number,
                text="word",
                tag_ids=("t1", "t2") if number % 2 else ("t1",),
                site=f"s{number % 3}.example",
                language="zh" if number < 4 else "",
                http_status=200 if number else None,
                state="ok" if number else "new",
            )
            for number in range(6)
        ]
    )
    facets = search(index, "word", limit=1).facets
    assert facets == {
        "tag": {"t1": 6, "t2": 3},
        "site": {"s0.example": 2, "s1.example": 2, "s2.example": 2},
        "year": {"2025": 6},
        "language": {"zh": 4},
        "status": {"200": 5},
        "state": {"ok": 5, "new": 1},
    }
    assert tuple(facets) == FACETS


def test_the_most_frequent_fifty_are_exact_equal_ones_by_value(index):
    """In each call 60 sites are more frequent than the 55 that are the most frequent in all."""
    for call in range(3):
        sites = [f"only{call}-{n:02d}.example" for n in range(60)] * 2
        sites += [f"shared{n:02d}.example" for n in range(55)]
        index.apply([link(call * 1000 + n, text="w", site=site) for n, site in enumerate(sites)])
    counted = search(index, "w", limit=1).facets["site"]
    assert list(counted.items()) == [(f"shared{n:02d}.example", 3) for n in range(50)]


def test_facets_can_be_left_out(index):
    index.apply([link(1, text="word")])
    assert search(index, "word", facets=False).facets == {}


def test_the_best_of_many_are_found_without_counting(index):
    """So many that an index passes some over which cannot come onto the page."""
    for call in range(3):
        numbers = range(call * 2000, call * 2000 + 2000)
        index.apply([link(n, text="word " * (n % 7 + 1) + "x " * (n % 31)) for n in numbers])
    counted = search(index, "word", limit=20)
    assert counted.total == 6000
    best = search(index, "word", limit=20, facets=False, total=False)
    assert best == Hits(total=0, hits=counted.hits)


def test_versions_are_found_without_counting_links(index):
    index.apply([link(1), link(2)])
    index.apply([version(1, "a", text="old word"), version(1, "b", text="word"), version(2, "a")])
    hits = search(index, at(NOW, NOW + 1, "word"), facets=False, total=False)
    assert (hits.total, [hit.id for hit in hits.hits]) == (0, [f"{name(1)}:b"])


def test_the_year_is_that_of_adding_in_utc(index):
    last = 1_767_225_599_999_999
    index.apply([link(1, by_added=last), link(2, by_added=last + 1)])
    assert search(index, "", limit=1).facets["year"] == {"2025": 1, "2026": 1}


# versions


def test_a_time_searches_the_versions_seen_then(index):
    index.apply([link(1, text="new price")])
    index.apply([version(1, "a", text="old price 10", seen_from=NOW, seen_to=NOW + DAY)])
    index.apply(
        [version(1, "b", text="new price 20", seen_from=NOW + 3 * DAY, seen_to=NOW + 4 * DAY)]
    )
    (hit,) = search(index, at(NOW, NOW + DAY, "price")).hits
    assert (hit.id, hit.link_id) == (f"{name(1)}:a", name(1))
    assert (hit.seen_from, hit.seen_to, hit.text) == (NOW, NOW + DAY, "old price 10")


@pytest.mark.parametrize(
    ("start", "end", "is_found"),
    [(0, 1, True), (-5, 0, False), (-5, 1, True), (1, 2, True), (1, 9, True), (2, 9, False)],
    ids=["begins", "ends before", "touches the begin", "at the end", "in it", "after it"],
)
def test_a_version_is_found_when_the_times_overlap(index, start, end, is_found):
    index.apply([version(1, "a", text="word", seen_from=NOW, seen_to=NOW + DAY)])
    query = at(NOW + start * DAY, NOW + end * DAY, "word")
    assert (found(index, query) == [1]) is is_found


def test_several_versions_of_a_link_are_one_hit_and_count_once(index):
    index.apply([link(n, text="x", language="en") for n in (1, 2)])
    index.apply([version(1, sha, text="word " + "more " * len(sha)) for sha in ("a", "bbb")])
    index.apply([version(2, "c", text="word")])
    hits = search(index, at(NOW, NOW + 1, "word"))
    assert hits.total == 2
    assert sorted(hit.link_id for hit in hits.hits) == [name(1), name(2)]
    assert hits.facets["language"] == {"en": 2}


@pytest.mark.parametrize("sort", list(Sort))
def test_versions_have_pages_too(index, sort):
    index.apply([version(n, sha, text="word") for n in range(5) for sha in ("a", "b")])
    shown: list[int] = []
    for _ in range(3):
        last = shown[-1] if shown else None
        key = (
            NOW + (-last if sort is Sort.CHANGED else last) * 1_000_000
            if last is not None
            else None
        )
        place = {"offset": len(shown)} if sort is Sort.RELEVANCE else {"before": key}
        page = search(index, at(NOW, NOW + 1, "word"), sort=sort, limit=2, **place)
        assert page.total == 5
        shown += [int(hit.link_id, 16) for hit in page.hits]
    assert shown == (sorted(shown) if sort in (Sort.OLDEST, Sort.CHANGED) else sorted(shown)[::-1])
    assert len(set(shown)) == 5


# count, revisions, replace, close


def test_count_counts_links_not_versions_not_removed_ones(index):
    index.apply([link(1), link(2), link(3), version(1, "a"), removal(3, 9)])
    assert index.count() == 2


def test_revisions_names_every_document_but_tombstones(index):
    index.apply([link(1, rev=4), version(1, "a", rev=3), link(2, rev=5), removal(3, 9)])
    assert sorted(index.revisions()) == [(name(1), 4), (f"{name(1)}:a", 3), (name(2), 5)]


def test_revisions_of_an_empty_index_are_none(index):
    assert list(index.revisions()) == []


def test_replace_leaves_only_what_it_was_given(index):
    index.apply([link(1, text="word"), link(2, text="word")])
    index.replace(link(n, text="word") for n in (2, 3))
    assert sorted(found(index, "word")) == [2, 3]


def test_a_trim_counts_in_the_index_in_use_and_in_the_one_being_built(index):
    index.apply([link(1), version(1, "a"), version(1, "b")])

    def changes():
        yield from (link(1), version(1, "a"), version(1, "b"))
        index.apply([link(1, rev=2), version(1, "b", rev=2), trim(1, 2)])
        assert versions(index) == {"b"}
        yield version(1, "a")

    index.replace(changes())
    assert versions(index) == {"b"}


def test_replace_by_nothing_empties_the_index(index):
    index.apply([link(1, text="word")])
    index.replace([])
    assert index.count() == 0


def test_the_old_index_answers_until_the_new_one_is_whole(index):
    index.apply([link(1, text="word")])

    def changes():
        yield link(2, text="word")
        assert found(index, "word") == [1]

    index.replace(changes())
    assert found(index, "word") == [2]


def test_what_is_applied_while_replacing_is_in_both(index):
    def changes():
        yield link(1, rev=1, text="one")
        index.apply([link(1, rev=2, text="two"), link(5, text="five")])
        assert found(index, "two") == [1]
        yield link(1, rev=1, text="one")

    index.replace(changes())
    assert found(index, "two") == [1]
    assert found(index, "one") == []
    assert found(index, "five") == [5]


def test_an_older_change_applied_while_replacing_does_not_win(index):
    def changes():
        yield from (link(n + 10, text="filler") for n in range(600))
        yield link(1, rev=9, text="nine")
        yield from (link(n + 1000, text="filler") for n in range(600))
        index.apply([link(1, rev=5, text="five"), removal(10, 1)])

    index.replace(changes())
    assert found(index, "nine") == [1]
    assert found(index, "five") == []
    assert index.count() == 1200


def test_a_replace_that_fails_changes_nothing(index):
    index.apply([link(1, text="word")])

    def changes():
        yield link(2, text="word")
        raise KeyError("a text is missing")

    with pytest.raises(KeyError):
        index.replace(changes())
    assert found(index, "word") == [1]
    index.replace([link(3, text="word")])
    assert found(index, "word") == [3]


def test_what_was_applied_is_there_after_closing_and_opening_again(index, open_index):
    index.apply([link(1, text="word"), removal(2, 9)])
    index.close()
    again = open_index()
    again.apply([link(2, rev=8, text="word")])
    assert found(again, "word") == [1]


def test_another_process_sees_what_this_one_applied(index, open_index):
    reader = open_index()
    index.apply([link(1, text="word")])
    assert found(reader, "word") == [1]
    index.apply([removal(1, 2)])
    assert found(reader, "word") == []


def test_another_process_sees_the_new_index_after_a_replace(index, open_index):
    index.apply([link(1, text="word")])
    reader = open_index()
    assert found(reader, "word") == [1]
    index.replace([link(2, text="word")])
    assert found(reader, "word") == [2]
    assert reader.count() == 1


def test_threads_that_search_while_one_applies_see_whole_states(index):
    index.apply([link(1, rev=0, text="word")])
    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(
            lambda: [index.apply([link(1, rev=n, text="word")]) for n in range(9)]
        )
        while not writing.done():
            assert all(one == [1] for one in pool.map(lambda _: found(index, "word"), range(6)))
        writing.result()


def test_a_second_close_does_nothing(index, open_index):
    index.apply([link(1, text="word")])
    index.close()
    again = open_index()
    index.close()
    again.apply([link(2, text="word")])
    assert sorted(found(again, "word")) == [1, 2]


def test_revisions_of_some_documents_name_those_that_exist(index):
    index.apply([link(1, 4), version(1, "a", 3), link(2, 5), link(3, 1), removal(3, 2)])
    asked = [name(1), f"{name(1)}:a", name(2), name(3), name(4)]
    assert index.revisions_of(asked) == {name(1): 4, f"{name(1)}:a": 3, name(2): 5}
    assert index.revisions_of([]) == {}

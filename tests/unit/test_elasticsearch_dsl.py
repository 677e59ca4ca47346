"""How queries and answers look in Elasticsearch's words; no server needed."""

import pytest

from linkshot.adapters.elasticsearch_documents import (
    action_error,
    delete_action,
    index_body,
    tombstone_action,
    upsert_action,
)
from linkshot.adapters.elasticsearch_dsl import search_body, translate
from linkshot.adapters.index_terms import SCHEMA_VERSION
from linkshot.domain.model import IndexDocument, LinkId
from linkshot.ports import PageRequest, Removal
from linkshot.query import Not, Sort, TagIds, Text, parse


def document(**given: object) -> IndexDocument:
    return IndexDocument(id="a", link_id=LinkId("a"), rev=7, **given)


def test_a_han_run_is_the_phrase_of_its_bigrams():
    assert translate(Text("快照平台", "title")) == {
        "match_phrase": {"title": {"query": "快照 照平 平台", "boost": 3.0}}
    }


def test_a_single_han_character_is_a_beginning():
    assert translate(Text("快", "text"))["dis_max"]["queries"] == [
        {"prefix": {"text": {"value": "快", "boost": 1.0}}}
    ]


def test_a_text_without_letters_matches_nothing():
    assert translate(Text("，。")) == {"match_none": {}}


def test_no_tag_matches_nothing():
    assert translate(TagIds(frozenset()))["constant_score"]["filter"] == {"terms": {"f_tag": []}}


def test_twice_not_is_nothing_done():
    assert translate(Not(Not(Text("a", "text")))) == translate(Text("a", "text"))


def test_only_exclusions_match_everything_else():
    clauses = translate(parse("-is:ok"))["bool"]
    assert clauses["filter"] == [{"match_all": {}}]
    assert len(clauses["must_not"]) == 1


def test_a_page_by_date_begins_behind_the_last_key_and_counts_everything():
    body = search_body(parse("word"), PageRequest(sort=Sort.OLDEST, before=5))
    assert body["post_filter"] == {"range": {"by_added": {"gt": 5}}}
    assert "total" in body["aggs"]


def test_a_time_searches_versions_one_for_each_link():
    body = search_body(parse("at:2025 word"), PageRequest())
    assert body["collapse"] == {"field": "link"}
    assert body["query"]["bool"]["filter"] == [{"term": {"kind": 1}}]


def test_every_search_has_a_time_limit():
    assert search_body(parse(""), PageRequest())["timeout"] == "10s"


def test_the_mapping_refuses_unknown_fields_and_names_its_version():
    mapping = index_body({"filled": True})["mappings"]
    assert mapping["dynamic"] == "strict"
    assert mapping["_meta"] == {"schema": SCHEMA_VERSION, "filled": True}


def test_a_document_has_no_field_the_mapping_does_not_know():
    known = index_body({})["mappings"]["properties"].keys()
    source = upsert_action(document(title="快照", tag_ids=("t",), site="a.example"), 1000)[
        "_source"
    ]
    assert source.keys() <= known
    assert tombstone_action(Removal(link_id="a", rev=1))["_source"].keys() <= known


def test_every_action_carries_its_revision():
    for action in (
        upsert_action(document(), 1000),
        delete_action("a", 7),
        tombstone_action(Removal(link_id="a", rev=7)),
    ):
        assert (action["version"], action["version_type"]) == (7, "external_gte")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"index": {"status": 201}}, (0, "")),
        ({"index": {"status": 409, "error": {"type": "version_conflict"}}}, (0, "")),
        ({"delete": {"status": 404, "result": "not_found"}}, (0, "")),
        ({"index": {"status": 400, "error": {"type": "bad"}}}, (400, "bad")),
        ({"index": {"status": 429, "error": {"type": "busy"}}}, (429, "busy")),
        ({"delete": {"status": 404, "error": {"type": "gone"}}}, (404, "gone")),
    ],
    ids=["written", "something newer", "gone already", "refused", "busy", "no index"],
)
def test_what_went_wrong_with_one_action(item, expected):
    assert action_error(item) == expected

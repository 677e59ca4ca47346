"""Keys of the index of an archive, and request bodies as players look for them."""

import pytest

from pipelines.archive.cdxj import body_as_query, surt


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.com/B?y&x", "com,example)/b?x&y"),
        ("http://www2.example.com", "com,example)/"),
        ("https://example.com:443/", "com,example)/"),
        ("http://example.com:8080/a", "com,example:8080)/a"),
        ("http://127.0.0.1:81/", "127.0.0.1:81)/"),
        ("http://xn--fiqs8s.cn/%E4%BD%A0", "cn,xn--fiqs8s)/%e4%bd%a0"),
        ("urn:text:http://a.example/", "urn:text:http://a.example/"),
    ],
)
def test_an_address_becomes_its_key(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.parametrize(
    ("media_type", "body", "query"),
    [
        ("application/x-www-form-urlencoded", "q=页&n=", "q=%E9%A1%B5&n="),
        ("application/json", '{"a": {"b": [1, true]}, "c": "二"}', "b=1&b.2_=true&c=%E4%BA%8C"),
        ("application/json", "{broken", "__wb_post_data=%7Bbroken"),
        ("text/plain", "a b", "__wb_post_data=a+b"),
        ("text/plain", "", ""),
    ],
)
def test_a_body_becomes_a_query(media_type: str, body: str, query: str) -> None:
    assert body_as_query(media_type, body.encode()) == query

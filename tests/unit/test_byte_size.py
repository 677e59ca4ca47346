"""Bytes for people."""

import pytest

from linkshot.domain.byte_size import size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1234, "1.2 kB"),
        (9960, "10 kB"),
        (99_400, "99 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (1_234_567, "1.2 MB"),
        (45_600_000, "46 MB"),
        (7_000_000_000, "7 GB"),
        (1_000_000_000_000, "1 TB"),
        (12_345_000_000_000_000, "12,345 TB"),
    ],
)
def test_a_size_has_two_digits_at_least_and_the_greatest_unit(count: int, text: str) -> None:
    assert size_text(count) == text

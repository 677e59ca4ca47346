"""What follows when the browser is lost with a page."""

from crawler.page.attempt import Attempt

FIRST = Attempt(url="https://a.example/", certificate_error="ERR_CERT_DATE_INVALID")


def test_a_first_crash_may_be_anybodys_fault() -> None:
    again = FIRST.after_loss("crash", was_alone=True)
    assert again is not None
    assert (again.url, again.certificate_error) == (FIRST.url, FIRST.certificate_error)
    assert (again.lost_by, again.runs_scripts) == ("crash", True)


def test_so_may_memory_in_company() -> None:
    again = FIRST.after_loss("memory", was_alone=False)
    assert again is not None
    assert again.runs_scripts


def test_a_page_that_takes_all_memory_alone_is_shown_without_scripts() -> None:
    again = FIRST.after_loss("memory", was_alone=True)
    assert again is not None
    assert not again.runs_scripts


def test_so_is_one_that_ends_the_browser_twice_and_then_no_more() -> None:
    second = FIRST.after_loss("crash", was_alone=False)
    third = second and second.after_loss("memory", was_alone=True)
    assert third is not None
    assert not third.runs_scripts
    assert third.after_loss("crash", was_alone=True) is None

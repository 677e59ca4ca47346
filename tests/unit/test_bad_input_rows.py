"""The rows of bad input about pages (P) and replay (R): each has tests, which exist."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PAGES = "test_crawler_bad_pages"
KEPT, FAILED = (
    f"{PAGES}:test_it_is_kept_with_its_words_and_a_picture",
    f"{PAGES}:test_it_fails_with_its_own_reason",
)
GUARDS, REPLAY = "test_web_guards", "test_web_replay"

ROWS = {
    "P1 plain": "test_pipelines_browser:test_a_chinese_article_is_kept_in_all_forms",
    "P2 alert for ever": f"{KEPT} test_crawler_visit:test_a_hostile_page_is_taken_as_far_as_it_came",
    "P3 while(true)": f"{KEPT} test_crawler_visit:test_a_hostile_page_is_taken_as_far_as_it_came",
    "P4 hundreds of windows": "test_crawler_visit:test_a_page_that_opens_hundreds_of_windows_is_taken_without_them",
    "P5 navigates for ever": f"{KEPT} test_crawler_visit:test_a_hostile_page_is_taken_as_far_as_it_came",
    "P6 pushState": KEPT,
    "P7 dialogs": f"{KEPT} {PAGES}:test_p7_dialogs_are_noted",
    "P8 401": f"{KEPT} {PAGES}:test_p8_a_frame_that_asks_for_a_login_is_noted",
    "P9 redirects": f"{FAILED} {PAGES}:test_p9_the_redirects_travel_with_the_failure",
    "P10 redirects to other schemes": f"{FAILED} test_crawler_visit:test_what_brings_no_page_fails_with_a_stable_kind",
    "P11 odd statuses": f"{KEPT} {FAILED}",
    "P12 errors": f"{KEPT} {PAGES}:test_p12_an_error_keeps_its_status test_crawler_visit:test_retry_after_travels_with_the_failure",
    "P13 slow and endless": "test_crawler_endless:test_a_page_without_end_is_shown_as_far_as_it_came "
    "test_crawler_endless:test_a_file_without_end_is_kept_as_far_as_it_came_and_called_cut "
    "test_crawler_visit:test_a_picture_that_never_ends_fails_nothing " + FAILED,
    "P14 decompression bombs": f"{FAILED} test_crawler_visit:test_what_brings_no_page_fails_with_a_stable_kind",
    "P15 wrong encodings": f"{KEPT} {FAILED}",
    "P16 heads": f"{KEPT} {FAILED} {PAGES}:test_p16_cookies_are_not_recorded",
    "P17 broken HTTP": f"{KEPT} {FAILED} {PAGES}:test_p17_a_bad_chunk_leaves_what_came_before_it_or_nothing",
    "P18 charsets": f"{KEPT} test_pipelines_browser:test_pages_in_old_encodings_are_kept_in_utf8",
    "P19 too many nodes, too tall": KEPT,
    "P20 memory": KEPT,
    "P21 downloads": f"{PAGES}:test_p21_a_download_is_a_file_cut_at_the_cap_and_its_name_is_a_header_only",
    "P22 files": f"{PAGES}:test_p22_what_is_no_page_is_a_file_of_its_type test_pipelines_browser:test_files_are_kept_as_they_came_with_their_text",
    "P23 scrolling": f"{KEPT} test_crawler_visit:test_lazy_pictures_come_when_the_page_is_walked",
    "P24 service workers": f"{PAGES}:test_p24_a_service_worker_does_not_answer_the_next_visit",
    "P25 cookies of the page before": "test_crawler_visit:test_what_a_page_left_behind_is_gone_at_the_next_visit",
    "P26 another page for robots": f"{PAGES}:test_p26_the_user_agent_is_the_browsers_own_without_headless_or_the_one_given",
    "P27 titles and metadata": f"{PAGES}:test_p27_a_title_of_a_megabyte_is_cut {PAGES}:test_p27_addresses_that_a_page_names_for_itself_are_not_followed",
    "P28 files of the machine": f"{KEPT} {PAGES}:test_p28_no_file_of_the_machine_is_in_the_page",
    "P29 permissions": KEPT,
    "P30 certificates": "test_crawler_certificates:*",
    "P31 too much inside": KEPT,
    "P32 markup that breaks readers": KEPT,
    "P33 mutations": "test_mutation_xss:*",
    "P34 crashes": "test_unrendered_pages:*",
    "P35 robots.txt": "test_crawler_worker:*",
    "P60 addresses inside": "test_egress_canaries:* test_crawler_visit:test_no_way_leads_to_a_private_address",
    "P61 UDP": "test_egress_canaries:* test_crawler_browser:*",
    "P62 rebinding": "test_egress_canaries:* test_crawler_egress:test_u31_a_page_asks_for_a_name_once_and_goes_where_it_led_then",
    "P63 abuse of the proxy": f"{PAGES}:test_p63_a_page_cannot_use_the_proxy_it_is_fetched_through test_crawler_egress:test_p63_two_host_headers_end_the_connection",
    "P64 responses to the proxy": f"{KEPT} {FAILED} test_crawler_egress:test_a_flood_of_interim_answers_is_ended_with_its_reason",
    "R1 paths": f"{REPLAY}:test_odd_paths_are_all_not_found",
    "R2 ids of nobody": f"{REPLAY}:test_odd_paths_are_all_not_found {REPLAY}:test_trashed_snapshots_are_not_found",
    "R3 names of files": f"{REPLAY}:test_odd_paths_are_all_not_found {REPLAY}:test_several_files_of_one_role_are_told_apart_by_name",
    "R4 headers of stored bytes": f"{REPLAY}:test_every_stored_byte_is_caged",
    "R5 what a stored page tries": "test_web_browser:test_a_hostile_page_does_nothing_in_its_frame_or_alone",
    "R6 media types": f"{REPLAY}:test_types_are_known_ones_or_a_download {REPLAY}:test_r6_a_type_that_acts_is_given_as_bytes",
    "R7 ranges": f"{REPLAY}:test_ranges",
    "R8 odd requests": f"{REPLAY}:test_a_known_etag_saves_the_bytes {GUARDS}:test_odd_methods_are_refused {GUARDS}:test_method_override_is_ignored",
    "R9 hosts": f"{GUARDS}:test_other_host_names_are_misdirected {GUARDS}:test_two_hosts_are_one_too_many {GUARDS}:test_forwarded_headers_change_nothing",
    "R10 changes from elsewhere": f"{GUARDS}:test_changes_from_elsewhere_are_refused {GUARDS}:test_the_api_takes_json_only",
    "R11 names of downloads": f"{REPLAY}:test_download_names_are_encoded",
    "R12 replay asks the live web": "test_replay:test_nothing_gets_out_and_what_tries_is_counted",
    "R14 what comes next": "test_web_pages:test_only_our_own_pages_come_next",
}  # fmt: skip
"""Row → the tests of it, `module:test`; R13 is about share links, which linkshot does not have."""


@cache
def names_in(module: str) -> frozenset[str]:
    (path,) = TESTS.glob(f"*/{module}.py")
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return frozenset(
        one.name
        for one in nodes
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_")
    )


@pytest.mark.parametrize("named", ROWS.values(), ids=ROWS)
def test_a_row_has_tests(named: str) -> None:
    for one in named.split():
        module, _, test = one.partition(":")
        assert names_in(module)
        assert test == "*" or test in names_in(module), one

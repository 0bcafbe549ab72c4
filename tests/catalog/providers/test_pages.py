from __future__ import annotations

import json

import pytest

from llmhub.catalog.providers.pages import Page, read_page


def dumped(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b"[" * 100_000, b"null", b"3", b'"data"', dumped({"error": {"message": "no"}})]
)
def test_what_is_no_list_stays_as_it_is(body: bytes) -> None:
    assert read_page(body) == Page(body)


@pytest.mark.parametrize("entries", [[{"id": "a"}], [], [{"id": 7}, {}]])
@pytest.mark.parametrize("name", ["data", "models", None])
def test_a_sound_list_stays_as_it_is(entries: list[object], name: str | None) -> None:
    body = dumped({name: entries} if name else entries)
    assert read_page(body) == Page(body, is_list=True)


@pytest.mark.parametrize("name", ["data", "models", None])
def test_entries_that_are_no_objects_are_taken_out_and_counted(name: str | None) -> None:
    entries: list[object] = [None, {"id": "a"}, 7, "b", []]
    page = read_page(dumped({name: entries, "object": "list"} if name else entries))
    found = json.loads(page.body)
    assert (found[name] if name else found) == [{"id": "a"}]
    assert (page.left_out, page.is_list) == (4, True)


def test_a_list_that_is_null_has_no_entries() -> None:
    page = read_page(dumped({"object": "list", "data": None}))
    assert json.loads(page.body) == {"object": "list", "data": []}
    assert (page.left_out, page.more) == (0, False)


def test_of_words_alone_only_null_is_taken_out() -> None:
    assert json.loads(read_page(dumped({"data": ["a", None]})).body) == {"data": ["a"]}


@pytest.mark.parametrize(
    ("head", "more", "last"),
    [
        ({"has_more": False, "last_id": "x"}, False, None),
        ({"has_more": True}, True, "b"),
        ({"has_more": True, "last_id": "x"}, True, "x"),
        ({"nextPageToken": "t"}, True, "b"),
        ({"next_page_token": ""}, False, None),
    ],
)
def test_that_there_are_more_is_noticed(head: dict[str, object], last: str | None, *, more: bool) -> None:
    page = read_page(dumped({"data": [{"id": "a"}, {"id": "b"}], **head}))
    assert (page.more, page.last) == (more, last)


def test_more_after_an_entry_without_an_id_cannot_be_followed() -> None:
    assert read_page(dumped({"data": [{"id": None}], "has_more": True})).last is None
    assert read_page(dumped({"data": [], "has_more": True})).last is None

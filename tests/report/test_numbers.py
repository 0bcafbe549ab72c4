"""Each page's numbers, read back from the page and compared with the tables on it and on the others."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from llmhub.arena import Score
from llmhub.arena.sources import Source
from llmhub.report.make import make_report
from tests.support.checks.pages import Page, read_site
from tests.support.processes.commands import seed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_DAY = timedelta(days=1)
NUMBER = r"[+−-]?\d+\.\d"  # noqa: RUF001 -- a minus


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    """Return the pages, by name, of publications that two sources have of one moment and that runs brought again."""
    folder = tmp_path_factory.mktemp("numbers")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LLMHUB_CONFIG_DIR", str(folder / "llmhub"))
        _publish()
        first_page = make_report(folder / "site", now=NOW).first_page
    return {path.stem: page for path, page in read_site(first_page.parent).items()}


def _publish() -> None:
    """Store five publications: re-anchored with the third, when a model is renamed; some come, one rises."""

    def publish(day: int, ratings: dict[str, float]) -> None:
        published = date(2026, 1, 1) + day * _DAY
        midnight = datetime(published.year, published.month, published.day, tzinfo=UTC)
        scores = {name: Score(rating, rating - 6.0, rating + 6.0, 500 + day) for name, rating in ratings.items()}
        unknown = {name: one._replace(votes=None) for name, one in scores.items()}
        sources: tuple[Source, ...] = ("arena-catalog", "dataset")
        for source, board in zip(sources, (unknown, scores), strict=True):
            seed(board, midnight, published_on=published, source=source)
        for later in (1, 2):
            seed(scores, midnight + later * _DAY + timedelta(hours=7), published_on=published)

    steady = {f"steady-{number}": 1000.0 + 10 * number for number in range(8)}
    moved = {name: rating + 20.0 for name, rating in steady.items()}
    publish(10, steady | {"old-name": 1200.0, "gone": 900.0})
    publish(25, steady | {"old-name": 1203.0, "gone": 900.0})
    publish(40, moved | {"new-name": 1203.0, "riser": 1100.0})
    publish(47, moved | {"new-name": 1201.5, "riser": 1150.0})
    publish(55, moved | {"new-name": 1201.5, "riser": 1175.5, "late": 1010.0})


def facts(page: Page) -> dict[str, str]:
    """Return the facts at the head of a page by their names, the small print behind a bar."""
    names = [one.text for one in page.all("dt")]
    texts = [" ".join(one.text.split()) for one in page.all("dd")]
    return dict(zip(names, texts, strict=True))


def value(text: str) -> float:
    return float(text.replace("−", "-"))  # noqa: RUF001 -- a minus


def models_of(site: dict[str, Page]) -> dict[str, Page]:
    return {name: page for name, page in site.items() if page.path.parent.name == "models"}


def test_a_models_facts_are_the_first_row_of_its_table(site: dict[str, Page]) -> None:
    board = {line[1]: line for line in site["index"].rows("board")}
    assert set(models_of(site)) == set(board)
    for name, page in models_of(site).items():
        shown, rows = facts(page), page.rows()
        day, rating, _, interval, rank, votes = rows[0][:6]
        assert day == "2026-02-25"
        assert re.match(NUMBER, shown["Rating"])[0] == rating == board[name][2]  # type: ignore[index]
        assert shown["Rating"].endswith(f"95 % interval {interval}")
        assert shown["Votes"].startswith(votes)
        assert f"Rank {rank} of {len(board)} on" in page.text
        # Below it the ranks that the intervals allow.
        assert board[name][0].split()[0] == rank


def test_a_change_is_the_difference_of_two_rows_and_no_row_is_of_a_day_that_it_was_not_on_the_board(
    site: dict[str, Page],
) -> None:
    seen = set()
    for name, page in models_of(site).items():
        rows = {line[0]: value(line[1]) for line in page.rows()}
        newest = page.rows()[0]
        for label, days in (("Change in 7 days", "2026-02-17"), ("Change in 30 days", "2026-01-26")):
            said = facts(page)[label]
            if said.startswith("unknown"):
                (day,) = re.findall(r"it was not on the board of (.*)$", said)
                assert datetime.strptime(day, "%d %B %Y").replace(tzinfo=UTC).date().isoformat() == days
                assert days not in rows
                seen.add((name, label))
                continue
            less, shift, published = map(value, re.findall(NUMBER, said))
            assert published == pytest.approx(value(newest[1]) - rows[days], abs=0.11)
            assert less == pytest.approx(published - shift, abs=0.11)
    assert seen == {("late", "Change in 7 days"), ("late", "Change in 30 days"), ("riser", "Change in 30 days")}


def test_each_row_says_how_far_it_is_from_the_one_below(site: dict[str, Page]) -> None:
    for page in models_of(site).values():
        rows = page.rows()
        for above, below in pairwise(rows):
            assert value(above[2]) == pytest.approx(value(above[1]) - value(below[1]), abs=0.11)
        assert rows[-1][2] == ""
        assert [line[0] for line in rows] == sorted({line[0] for line in rows}, reverse=True)


def test_the_picture_and_its_caption_have_the_tables_rows(site: dict[str, Page]) -> None:
    for page in models_of(site).values():
        rows = {f"{line[0]}: {line[1]}, rank {line[4]}" for line in page.rows()}
        dots = [one.text for one in page.all("title") if one.parents[-1] == "circle"]
        # In the wide picture and in the narrow one.
        assert sorted(dots) == sorted([*rows, *rows])
        count = "1 publication" if len(rows) == 1 else f"{len(rows)} publications"
        assert f"The store has it in {count}." in page.text


def test_a_scale_break_is_in_the_row_of_the_publication_that_brought_it(site: dict[str, Page]) -> None:
    notes = {line[0]: line[6] for line in site["steady-3"].rows()}
    assert {day: note for day, note in notes.items() if note} == {"2026-02-10": "scale re-anchored by +20.0"}
    renamed = {line[0]: line[6] for line in site["new-name"].rows()}
    assert renamed["2026-01-26"] == "listed as old-name"


def test_the_page_of_changes_has_the_numbers_of_the_models_pages(site: dict[str, Page]) -> None:
    page = site["changes"]
    assert "From 17 February 2026 to 25 February 2026" in " ".join(page.text.split())
    moved = [one for one in page.all("td") if "data-v" in one.attributes]
    assert moved
    shown = facts(page)
    assert shown["Came"].startswith("1new")
    risen = site["riser"].rows()
    assert [value(line[1]) for line in risen[:2]] == [1175.5, 1150.0]
    tables = page.text.split("Less the shift", 1)[1]
    assert "1175.5+25.5+25.5" in "".join(tables.split())


def test_no_page_knows_a_day_on_which_nothing_was_published(site: dict[str, Page]) -> None:
    published = {"2026-01-11", "2026-01-26", "2026-02-10", "2026-02-17", "2026-02-25"}
    for page in models_of(site).values():
        assert {one.attributes["datetime"] for one in page.all("time")} <= published

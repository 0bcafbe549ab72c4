from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmhub.errors import FileInTheWayError, OutputError
from llmhub.report.folder import MARKER, Written, write_site
from tests.support.processes.children import race
from tests.support.processes.commands import files_in

PAGES = [("models/made-up.html", "a model"), ("index.html", "the first page")]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return an empty folder for a site."""
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def test_pages_are_written_and_listed(tmp_path: Path) -> None:
    site = tmp_path / "deep" / "site"
    assert write_site(site, PAGES, force=False) == Written(2, len("a model") + len("the first page"), 0)
    assert files_in(site) == {MARKER, "index.html", "models"}
    assert (site / "models" / "made-up.html").read_text(encoding="utf-8") == "a model"
    assert json.loads((site / MARKER).read_text())["pages"] == ["index.html", "models/made-up.html"]


def test_a_later_report_takes_the_place_of_the_earlier_and_leaves_what_others_wrote(site: Path) -> None:
    write_site(site, PAGES, force=False)
    (site / "CNAME").write_text("example.invalid")
    (site / ".git").mkdir()
    (site / "models" / "own.html").write_text("the user's")
    written = write_site(site, [("models/new.html", "new"), ("index.html", "second")], force=False)
    assert written.removed == 1
    assert files_in(site) == {MARKER, "index.html", "models", "CNAME", ".git"}
    assert files_in(site / "models") == {"new.html", "own.html"}
    assert (site / "index.html").read_text() == "second"


@pytest.mark.parametrize("stranger", ["notes.txt", "index.html", ".hidden"])
def test_a_folder_of_others_is_refused_and_not_touched(site: Path, stranger: str) -> None:
    (site / stranger).write_text("the user's")
    with pytest.raises(FileInTheWayError, match="--force"):
        write_site(site, PAGES, force=False)
    assert files_in(site) == {stranger}
    assert (site / stranger).read_text() == "the user's"


def test_with_force_pages_lie_beside_the_files_of_others_and_only_pages_go_again(site: Path) -> None:
    (site / "notes.txt").write_text("the user's")
    write_site(site, PAGES, force=True)
    write_site(site, [("index.html", "second")], force=False)
    assert files_in(site) == {MARKER, "index.html", "models", "notes.txt"}
    assert files_in(site / "models") == set()


def test_a_page_of_the_users_in_our_folder_is_not_written_over_unasked(site: Path) -> None:
    write_site(site, PAGES, force=False)
    (site / "about.html").write_text("the user's")
    more = [*PAGES, ("about.html", "ours")]
    with pytest.raises(FileInTheWayError, match=r"about\.html exists and is not llmhub's"):
        write_site(site, more, force=False)
    assert (site / "about.html").read_text() == "the user's"
    write_site(site, more, force=True)
    assert (site / "about.html").read_text() == "ours"


@pytest.mark.parametrize("path", ["../outside.html", "/etc/passwd", "models/../../outside.html", "notes.txt", 1])
def test_a_list_that_names_other_files_is_refused_and_nothing_is_removed(tmp_path: Path, path: object) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside.html"
    outside.write_text("the user's")
    site.mkdir()
    (site / MARKER).write_text(json.dumps({"pages": [path]}))
    with pytest.raises(OutputError, match="no report writes"):
        write_site(site, PAGES, force=True)
    assert outside.exists()
    assert files_in(site) == {MARKER}


@pytest.mark.parametrize("text", ["{", "[]", "{}", "[" * 100_000])
def test_a_malformed_list_is_refused(site: Path, text: str) -> None:
    (site / MARKER).write_text(text)
    with pytest.raises(OutputError, match="malformed"):
        write_site(site, PAGES, force=False)


def test_no_link_leads_the_pages_out_of_the_folder(tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_site(site, [("index.html", "first")], force=False)
    (site / "models").rmdir()
    (site / "models").symlink_to(elsewhere)
    with pytest.raises(OutputError, match="is a link out of the folder"):
        write_site(site, PAGES, force=False)
    assert files_in(elsewhere) == set()


def test_a_link_in_the_place_of_a_page_is_replaced_and_not_followed(tmp_path: Path) -> None:
    site, target = tmp_path / "site", tmp_path / "target"
    target.write_text("the user's")
    write_site(site, PAGES, force=False)
    (site / "index.html").unlink()
    (site / "index.html").symlink_to(target)
    write_site(site, PAGES, force=False)
    assert target.read_text() == "the user's"
    assert not (site / "index.html").is_symlink()


def test_what_was_begun_and_not_finished_is_on_the_list_and_can_be_finished(site: Path) -> None:
    write_site(site, [("models/old.html", "old"), ("index.html", "old")], force=False)
    # A folder in the place of a page fails as a full disk would, halfway.
    (site / "prices.html").mkdir()
    pages = [("models/new.html", "new"), ("prices.html", "new"), ("index.html", "new")]
    with pytest.raises(OutputError):
        write_site(site, pages, force=True)
    assert (site / "index.html").read_text() == "old"
    listed = json.loads((site / MARKER).read_text())["pages"]
    assert {"models/old.html", "models/new.html"} <= set(listed)
    (site / "prices.html").rmdir()
    assert write_site(site, pages, force=False).removed == 1
    assert {path.name for path in site.rglob(".llmhub-*")} == {MARKER}


_REPORTS = """
import sys
from pathlib import Path
from llmhub.report.folder import write_site
print("ready", flush=True)
sys.stdin.readline()
pages = [(f"models/{sys.argv[2]}-{number}.html", "x" * 1000) for number in range(30)]
write_site(Path(sys.argv[1]), [*pages, ("index.html", sys.argv[2])], force=False)
"""


def test_first_reports_into_one_new_folder_take_turns_and_the_last_one_stays_whole(tmp_path: Path) -> None:
    site = tmp_path / "new" / "site"
    race(_REPORTS, [(site, letter) for letter in "abc"])
    last = (site / "index.html").read_text()
    pages = {f"models/{last}-{number}.html" for number in range(30)}
    assert set(json.loads((site / MARKER).read_text())["pages"]) == pages | {"index.html"}
    assert {f"models/{name}" for name in files_in(site / "models")} == pages
    assert files_in(site) == {MARKER, "index.html", "models"}


@pytest.mark.parametrize("what", ["pipe", "link"])
def test_a_list_that_is_no_file_of_ours_is_refused_and_not_waited_for(site: Path, what: str) -> None:
    (site / "elsewhere").write_text(json.dumps({"pages": ["index.html"]}))
    if what == "pipe":
        os.mkfifo(site / MARKER)
    else:
        (site / MARKER).symlink_to("elsewhere")
    with pytest.raises(OutputError, match=r"is a symbolic link|cannot be read"):
        write_site(site, PAGES, force=True)
    assert files_in(site) == {MARKER, "elsewhere"}


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    with pytest.raises(OutputError, match="site"):
        write_site(tmp_path / "site", PAGES, force=False)

"""`--json` of the commands that write or act: one document with the outcome, in the words that the text has."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from llmhub.arena.refresh import Refreshed
from llmhub.catalog.cache import save_catalog
from llmhub.cli import cli
from tests.cli.conftest import Script
from tests.conftest import Llmhub
from tests.support.made_up.git_clones import PROVIDER, clone, model
from tests.support.made_up.models import catalog_of, line
from tests.support.made_up.modelsdev_documents import body
from tests.support.made_up.modelsdev_documents import document as modelsdev_document
from tests.support.made_up.publications import FULL, board_rows, row, write_publication
from tests.support.processes.commands import (
    SNAPSHOT_KEYS,
    Run,
    ago,
    arena_db,
    board,
    document,
    error_line,
    files_in,
    output,
    seed,
    upstream_json,
)
from tests.support.servers.http import serve_folder, status
from tests.support.servers.sources import Sources, listed

WITHOUT_JSON = {
    ("completion",): "it prints a shell script",
    ("demo",): "it tells a story; the data that it keeps is there for the other commands",
    ("mcp",): "it speaks a protocol on stdout",
}
PUBLISHED = f"open('data/leaderboard-text.json', 'w').write({upstream_json({'a': 1100.0, 'b': 1000.0})!r})"


def test_every_command_has_json_but_those_that_are_excused() -> None:
    lacking = {words for words, command in _commands(cli) if not any("--json" in one.opts for one in command.params)}
    assert lacking == WITHOUT_JSON.keys()


def _commands(command: click.Command, *words: str) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(words, command)]
    context = click.Context(command)
    below = {name: command.get_command(context, name) for name in command.list_commands(context)}
    return [found for name, one in below.items() if one is not None for found in _commands(one, *words, name)]


def told(run: Run, code: int = 0) -> Any:
    """Return the one document of a run that may also have said something on stderr."""
    return json.loads(output(run, code))


# -- arena


def test_a_refresh_tells_what_it_did_with_which_snapshot_and_what_changed(llmhub: Llmhub, script: Script) -> None:
    seed(board({"a": 1090.0, "gone": 900.0}), ago(days=2))
    script(PUBLISHED)
    stored = document(llmhub("arena", "refresh", "--json", "--quiet"))
    assert (stored["status"], stored["snapshot"]["id"], stored["previous"]["id"]) == ("stored", 2, 1)
    assert set(stored["snapshot"]) == SNAPSHOT_KEYS
    assert stored["leaderboards"] == ["text"]
    assert stored["diff"] == document(llmhub("arena", "diff", "1", "2", "--json"))
    assert (stored["data_age_days"], stored["data_is_old"], stored["revision"]) == (None, None, None)
    fresh = document(llmhub("arena", "refresh", "--json"))
    assert (fresh["status"], fresh["snapshot"], fresh["previous"], fresh["diff"]) == (
        "fresh",
        stored["snapshot"],
        None,
        None,
    )
    script("raise SystemExit('error: made up')")
    assert "made up" in error_line(llmhub("arena", "refresh", "--force", "--json"), 1)


def test_a_refresh_has_one_word_for_each_way_that_a_snapshot_comes() -> None:
    old, new = (seed(board({"a": 1000.0}), ago(hours=hours)) for hours in (30, 1))
    found = (
        Refreshed(new, old, ran=True),
        Refreshed(new, old, ran=False, pulled=True),
        Refreshed(new, new, ran=False),
        Refreshed(new, old, ran=False),
        Refreshed(new, ran=True),
    )
    assert [one.status for one in found] == ["stored", "pulled", "fresh", "brought", "stored"]


def test_an_import_tells_of_each_file_and_why_one_could_not_be_stored(llmhub: Llmhub, tmp_path: Path) -> None:
    day = tmp_path / "2025-06-01"
    day.mkdir()
    (day / "leaderboard-text.json").write_text(upstream_json({"a": 1000.0, "b": 990.0}))
    (day / "leaderboard-vision.json").write_text("no JSON")
    overall = row("a", 1400.0, published_on="2025-01-02")
    coding = row("a", 1.0, category="coding", published_on="2025-01-03")
    of_dataset = write_publication(tmp_path, "text", [overall, coding], name=FULL)
    run = llmhub("arena", "import", day, of_dataset, "--json")
    found = told(run, 1)
    assert (found["stored"], found["known"], found["failed"]) == (2, 0, 1)
    files = {Path(one["path"]).name: one for one in found["files"]}
    text = files["leaderboard-text.json"]
    assert (text["leaderboard"], text["status"], text["reason"], text["rows"]) == ("text", "stored", None, 2)
    assert text["new"] == [{"id": 1, "source": "arena-catalog", "taken_at": "2025-06-01T00:00:00Z"}]
    vision = files["leaderboard-vision.json"]
    assert (vision["status"], vision["refused"]) == ("failed", [{"reason": vision["reason"]}])
    assert run.stderr == f"error: {vision['reason']}\n1 of 3 files could not be stored\n"
    dates = files[FULL]
    assert [one["taken_at"] for one in dates["new"]] == ["2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z"]
    # Of the second import, one date is known, and one is stored with another rating.
    write_publication(tmp_path, "text", [row("a", 1401.0, published_on="2025-01-02"), coding], name=FULL)
    (again,) = told(llmhub("arena", "import", of_dataset, "--json"), 1)["files"]
    assert (again["status"], again["new"], again["known"]) == ("failed", [], 1)
    assert [again["reason"]] == [one["reason"] for one in again["refused"]]


def test_a_backfill_tells_of_each_leaderboard(llmhub: Llmhub, tmp_path: Path) -> None:
    published = tmp_path / "published"
    write_publication(published, "text", board_rows("overall"), name=FULL)
    with serve_folder(published) as server:
        asked = ("arena", "backfill", "--leaderboard", "text", "--leaderboard", "nobodys", "--json")
        run = llmhub(*asked, LLMHUB_ARENA_SOURCE_URL=server.resolve_url)
        found = told(run, 1)
        again = told(llmhub(*asked, LLMHUB_ARENA_SOURCE_URL=server.resolve_url), 1)
    text, nobodys = found["leaderboards"]
    assert (text["leaderboard"], text["status"], text["known"], text["dropped"]) == ("text", "stored", 0, 0)
    assert {one["source"] for one in text["new"]} == {"dataset"}
    assert (nobodys["leaderboard"], nobodys["status"], nobodys["new"]) == ("nobodys", "failed", [])
    assert run.stderr == f"error: {nobodys['reason']}\n1 of 2 leaderboards could not be stored\n"
    assert (again["leaderboards"][0]["status"], again["leaderboards"][0]["known"]) == ("known", len(text["new"]))


def test_a_backup_and_an_export_tell_which_files_they_wrote(llmhub: Llmhub, elsewhere: Path) -> None:
    seed(board({"a": 1000.0, "b": 990.0}), ago(days=1))
    copy = elsewhere / "copy.db"
    saved = document(llmhub("arena", "backup", "copy.db", "--json"))
    assert saved == {
        "file": str(copy),
        "size_bytes": copy.stat().st_size,
        "boards": 1,
        "scores": 2,
        "price_lists": 0,
        "listings": 0,
    }
    proven = document(llmhub("arena", "verify", "--json"))
    assert {name: proven[name] for name in saved if name in proven} == {
        name: saved[name] for name in ("boards", "scores", "price_lists", "listings")
    }
    found = document(llmhub("arena", "export", "-o", "out", "--json"))
    assert (found["folder"], found["format"], found["snapshot"]["id"]) == (str(elsewhere / "out"), "json", 1)
    (file,) = found["files"]
    assert (file["leaderboard"], file["boards"], file["scores"], file["lost"]) == ("text", 1, 2, None)
    assert Path(file["file"]).stat().st_size == file["size_bytes"]
    assert Path(found["meta"]).exists()
    # A failure is one line, as without --json.
    assert "give --force" in error_line(llmhub("arena", "backup", "copy.db", "--json"), 1)


def test_a_picture_tells_what_is_in_it_and_what_was_left_out(here: Llmhub, tmp_path: Path) -> None:
    for days, names in ((3, "ab"), (1, "a")):
        seed(board(dict.fromkeys(names, 1000.0 + days)), ago(days=days))
    file = tmp_path / "out.svg"
    run = here("arena", "plot", "a", "b", "-o", file, "--since", "2d", "--json")
    found = told(run)
    assert (found["file"], found["size_bytes"], found["models"]) == (str(file), file.stat().st_size, ["a"])
    assert (found["leaderboard"], found["category"], found["moments"]) == ("text", "overall", 1)
    assert [one["model"] for one in found["left_out"]] == ["b"]
    assert run.stderr == f"{found['left_out'][0]['reason']}\n"


# -- catalog


def test_a_refresh_of_the_catalog_tells_of_each_source_and_each_provider_with_a_key(
    llmhub: Llmhub, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(board({"gpt-4.1-2025-04-14": 1400.0}), ago(hours=1))
    with Sources() as server:
        server.use(monkeypatch)
        server.answers["/openai/models"] = listed("gpt-4.1", "made-up")
        built = told(llmhub("catalog", "refresh", "--json", "--quiet"))
        shown = document(llmhub("catalog", "show", "--json"))
        kept = llmhub("catalog", "refresh", "--json", LLMHUB_OFFLINE="1")
        server.answers["/openai/models"] = status(401)
        failed = llmhub("catalog", "refresh", "--json", "--strict")
    assert (built["status"], built["models"], built["arena_snapshot"]["snapshot_id"]) == ("built", 3, 1)
    assert {one["source"]: one["status"] for one in built["sources"]} == {
        "anyllm": "ok",
        "modelsdev": "ok",
        "arena": "ok",
    }
    providers = {one["provider"]: one for one in built["providers"]}
    assert (providers["openai"]["callable"], providers["openai"]["models"]) == (True, 2)
    assert (built["built_at"], built["sources"]) == (shown["built_at"], shown["sources"])
    assert told(kept) == built | {"status": "kept"}
    assert "no source was asked" in kept.stderr
    (openai,) = (one for one in told(failed, 1)["providers"] if one["provider"] == "openai")
    assert (openai["failed"], openai["callable"], openai["models"]) == (True, False, 0)
    assert openai["reason"] in failed.stderr
    assert failed.stderr.splitlines()[-1].startswith("error: failed: openai: see above")


def test_an_export_of_the_catalog_tells_what_is_in_the_file_and_never_mixes_with_it(
    llmhub: Llmhub, elsewhere: Path
) -> None:
    save_catalog(catalog_of(line("openai/a", price_input_per_million=1.0), line("telnyx/b")))
    export = ("catalog", "export", "--format", "litellm")
    run = llmhub(*export, "-o", "config.yaml", "--json", LLMHUB_OFFLINE="1")
    file = elsewhere / "config.yaml"
    assert told(run) == {
        "file": str(file),
        "size_bytes": file.stat().st_size,
        "format": "litellm",
        "models": 1,
        "left_out": [{"provider": "telnyx", "reason": "LiteLLM has no provider for telnyx"}],
    }
    assert run.stderr == "left out: LiteLLM has no provider for telnyx\n"
    printed = output(llmhub(*export, LLMHUB_OFFLINE="1"))
    assert printed == file.read_text() == output(llmhub(*export, "-o", "-", LLMHUB_OFFLINE="1"))
    for words in ((), ("-o", "-")):
        assert "give -o FILE" in error_line(llmhub(*export, *words, "--json", LLMHUB_OFFLINE="1"), 2)
    assert files_in(elsewhere) == {"config.yaml"}


def test_an_import_of_documents_tells_of_each_file(llmhub: Llmhub, tmp_path: Path) -> None:
    (tmp_path / "api-2026-01-15.json").write_bytes(body(modelsdev_document()))
    (tmp_path / "api-2026-01-16.json").write_text("no JSON")
    files = sorted(tmp_path.glob("api-*.json"))
    run = llmhub("catalog", "import", *files, "--json")
    found = told(run, 1)
    assert (found["stored"], found["known"], found["failed"]) == (1, 0, 1)
    stored, failed = sorted(found["files"], key=lambda one: one["path"])
    assert (stored["status"], stored["reason"], stored["offers"], stored["note"]) == ("stored", None, 2, None)
    assert (stored["snapshot"]["id"], stored["snapshot"]["taken_at"]) == (1, "2026-01-15T00:00:00Z")
    assert (failed["path"], failed["status"], failed["snapshot"]) == (str(files[1]), "failed", None)
    assert run.stderr == f"error: {failed['reason']}\n1 of 2 files could not be stored\n"
    (again,) = document(llmhub("catalog", "import", files[0], "--json"))["files"]
    assert (again["status"], again["snapshot"], again["offers"]) == ("known", stored["snapshot"], None)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs the git command")
def test_a_backfill_of_offers_tells_of_snapshots_and_gaps(llmhub: Llmhub, tmp_path: Path) -> None:
    files = {"providers/acme/provider.toml": PROVIDER, "providers/acme/models/a.toml": model(2.0)}
    bad = files | {"providers/acme/models/b.toml": "no TOML ="}
    past = clone(tmp_path / "models.dev", [(datetime(2026, 3, 1, 9, tzinfo=UTC), bad)])
    found = told(llmhub("catalog", "backfill", "--git", past, "--json"))
    assert (found["status"], found["folder"], found["known"], found["offers"]) == ("stored", str(past), 0, 1)
    (new,) = found["new"]
    assert (new["id"], new["taken_at"], new["revision"]) == (1, "2026-03-01T09:00:00Z", found["revision"])
    (gap,) = found["gaps"]
    assert (gap["path"], gap["first"], gap["last"], gap["days"]) == (
        "providers/acme/models/b.toml",
        "2026-03-01",
        "2026-03-01",
        1,
    )
    again = told(llmhub("catalog", "backfill", "--git", past, "--json"))
    assert (again["status"], again["new"], again["known"], again["offers"]) == ("known", [], 1, None)


# -- places to write to


@pytest.mark.parametrize(
    "words",
    [
        ("arena", "export", "-o"),
        ("arena", "plot", "a", "-o"),
        ("catalog", "plot", "a/b", "-o"),
        ("report", "-o"),
        ("arena", "backup"),
        ("demo", "--keep"),
        ("audit", "--write-baseline"),
        ("audit", "--baseline"),
        ("audit",),
        ("catalog", "export", "--format", "csv", "-o"),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_wrong_usage_and_not_the_current_folder(
    llmhub: Llmhub, elsewhere: Path, words: tuple[str, ...]
) -> None:
    assert "the path is empty" in error_line(llmhub(*words, ""), 2)
    if words[:2] != ("catalog", "export") and words not in {("audit",), ("audit", "--baseline")}:
        assert "cannot be printed: give a path" in error_line(llmhub(*words, "-"), 2)
    assert files_in(elsewhere) == set()
    assert not arena_db().exists()

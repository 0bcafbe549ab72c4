"""Leaderboards that nobody knew when llmhub was made: refreshed, back-filled, exported and imported like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.arena import Score, SnapshotStore
from llmhub.arena.exchange.importing import import_dataset
from llmhub.errors import PayloadError, SettingsError
from tests.conftest import Llmhub
from tests.support.made_up.publications import FULL, LATEST, Row, row, small_publication, write_publication
from tests.support.processes.commands import arena_db, output
from tests.support.servers.http import DatasetServer, serve_folder

AGENT = {"score": "DOUBLE", "score_ci_lower": "DOUBLE", "score_ci_upper": "DOUBLE", "observation_count": "BIGINT"}
# Of what text has, agents have these alone.
NOT_OF_AGENTS = ("organization", "license", "rating", "rating_lower", "rating_upper", "variance", "vote_count", "rank")
AGENTS = {"Made Up 5.5 (High)": Score(61.5, 60.0, 63.25, 812), "Made Up 4 (Thinking)": Score(48.125, None, None, None)}
NEW = {"made-up-new": Score(1201.0, 1196.0, 1206.0, 1000)}


def agent_rows(**more: Any) -> list[Row]:
    found = []
    for name, (rating, lower, upper, votes) in AGENTS.items():
        line = row(name, None, **more)
        scores = {"score": rating, "score_ci_lower": lower, "score_ci_upper": upper, "observation_count": votes}
        found.append({**line, **scores})
    return found


def write_agents(folder: Path, name: str, drop: tuple[str, ...] = (), subset: str = "agent_made_up") -> Path:
    return write_publication(folder, subset, agent_rows(), name=name, retype=AGENT, drop=(*NOT_OF_AGENTS, *drop))


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """Serve the usual five, agents, and a subset that llmhub has never heard of."""
    folder = small_publication(tmp_path / "published")
    for name in (LATEST, FULL):
        write_agents(folder, name)
        write_publication(folder, "never_heard_of", [row("made-up-new", 1201.0)], name=name)
    with serve_folder(folder) as running:
        yield running


def boards(path: Path | None = None) -> dict[str, dict[str, Score]]:
    with SnapshotStore.open(path) as store:
        (snapshot,) = store.snapshots()
        return {name: store.scores("1", leaderboard=name) for name in snapshot.leaderboards}


def test_what_is_asked_for_is_refreshed_exported_and_imported_whatever_it_is_called(
    llmhub: Llmhub, server: DatasetServer, tmp_path: Path
) -> None:
    asked = {
        "LLMHUB_ARENA_SOURCE_URL": server.url,
        "LLMHUB_ARENA_LEADERBOARDS": "agent_made_up, never-heard-of,text, not-published",
    }
    run = llmhub("arena", "refresh", "--verbose", **asked)
    assert run.returncode == 0, run.stderr
    assert [line.split("/")[1] for line in server.requests if "/" in line] == [
        "text",
        "agent_made_up",
        "never_heard_of",
        "not_published",
    ]
    found = boards()
    assert found.keys() == {"text", "agent-made-up", "never-heard-of"}
    assert (found["agent-made-up"], found["never-heard-of"]) == (AGENTS, NEW)
    for kind in ("json", "parquet"):
        out = tmp_path / kind
        output(llmhub("arena", "export", "-o", out, "--format", kind))
        files = [path for path in out.rglob("*") if path.is_file() and path.name != "leaderboard-meta.json"]
        again = {"LLMHUB_ARENA_CACHE_DIR": str(tmp_path / f"from {kind}")}
        output(llmhub("arena", "import", *files, **again))
        assert boards(tmp_path / f"from {kind}" / "arena.db") == found


def test_agents_and_what_is_new_are_back_filled(llmhub: Llmhub, server: DatasetServer) -> None:
    names = ("--leaderboard", "agent-made-up", "--leaderboard", "never-heard-of")
    output(llmhub("arena", "backfill", *names, LLMHUB_ARENA_SOURCE_URL=server.url))
    assert boards(arena_db()) == {"agent-made-up": AGENTS, "never-heard-of": NEW}


def test_a_folder_is_a_subset_if_it_can_be_one_and_the_file_is_called_as_the_dataset_s_are(tmp_path: Path) -> None:
    with SnapshotStore.open(tmp_path / "arena.db") as store:
        assert import_dataset(store, write_agents(tmp_path, FULL)).leaderboard == "agent-made-up"
        for subset, name in (("agent_made_up", "ratings.parquet"), ("My Downloads", FULL)):
            with pytest.raises(PayloadError, match=r"not a known subset.*give --leaderboard NAME"):
                import_dataset(store, write_agents(tmp_path, name, subset=subset))


def test_a_file_without_categories_is_one_overall_board_and_one_without_ratings_is_refused(tmp_path: Path) -> None:
    with SnapshotStore.open(tmp_path / "arena.db") as store:
        import_dataset(store, write_agents(tmp_path, FULL, drop=("category",)))
        assert store.scores("latest", leaderboard="agent-made-up") == AGENTS
        with pytest.raises(PayloadError, match="expected score_ci_lower too"):
            import_dataset(store, write_agents(tmp_path, FULL, drop=("score_ci_lower",), subset="agent_other"))
        broken = [{**line, "score_ci_lower": 99.0} for line in agent_rows()]
        file = write_publication(tmp_path, "agent_odd", broken, name=FULL, retype=AGENT, drop=NOT_OF_AGENTS)
        (error,) = import_dataset(store, file).refused
        assert "score_ci_lower: found 99.0" in str(error)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", settings.ARENA_LEADERBOARDS),
        (" , ", settings.ARENA_LEADERBOARDS),
        ("search", ("text", "search")),
        ("vision_style_control,text,search, search", ("text", "vision-style-control", "search")),
    ],
)
def test_the_setting_is_names_with_commas_between_and_text_always_comes(
    monkeypatch: pytest.MonkeyPatch, text: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_LEADERBOARDS", text)
    assert settings.arena_leaderboards() == names


@pytest.mark.parametrize("text", ["../text", "Text", "a b", "text;search", "text--x"])
def test_a_setting_that_names_no_leaderboard_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_LEADERBOARDS", text)
    with pytest.raises(SettingsError, match="LLMHUB_ARENA_LEADERBOARDS names"):
        settings.arena_leaderboards()


def test_a_refresh_with_a_setting_that_names_none_asks_for_nothing(llmhub: Llmhub, server: DatasetServer) -> None:
    asked = {"LLMHUB_ARENA_SOURCE_URL": server.url, "LLMHUB_ARENA_LEADERBOARDS": "text,../x"}
    run = llmhub("arena", "refresh", **asked)
    assert run.returncode == 1
    assert "LLMHUB_ARENA_LEADERBOARDS names" in run.stderr
    assert server.requests == []

"""What there is not is answered with the nearest that there is, in one harmless line, and exit code 2."""

from __future__ import annotations

import pytest

from llmhub.catalog import save_catalog
from tests.conftest import Llmhub
from tests.support.made_up.models import catalog_of, line
from tests.support.processes.commands import HOSTILE, ago, board, error_line, seed


@pytest.fixture(autouse=True)
def stored() -> None:
    """Store two snapshots of two boards, and a catalog."""
    for days in (9, 8):
        seed(board({"gpt-4o-2024-08-06": 1000.0 + days, "made-up-b": 900.0}), ago(days=days))
        seed(board({"only-here": 1.0}), ago(days=days), category="coding", leaderboard="vision")
    save_catalog(catalog_of(line("openai/gpt-4o-2024-08-06")))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("arena history GPT-4o", "no snapshot lists 'GPT-4o' on text / overall (did you mean gpt-4o-2024-08-06?)"),
        ("arena history only-here", "no snapshot lists 'only-here' on text / overall: `llmhub arena show` lists"),
        ("arena show --category Overal", "no snapshot has text / Overal (did you mean overall?); there are overall"),
        (
            "arena show --category full",
            "no snapshot has text / full (upstream's full is called overall here); there are",
        ),
        ("arena show --category hard_6", "no snapshot has text / hard_6; there are overall"),
        ("arena show --leaderboard vison", "no snapshot has leaderboard 'vison' (did you mean vision?); there are"),
        ("arena show latst", "'latst' names no snapshot (did you mean latest or latest~1?): write latest"),
        ("arena show prevoius", "'prevoius' names no snapshot (did you mean previous?): write latest"),
        ("arena show 99", "no snapshot answers '99' for text / overall (did you mean 3?): there are 2"),
        ("arena show 2020-01-01", "no snapshot answers '2020-01-01' for text / overall (the oldest is 1 of "),
        ("arena shwo", "No such command 'shwo': did you mean show? (see `llmhub arena --help`)"),
        ("docter", "No such command 'docter': did you mean doctor? (see `llmhub --help`)"),
        ("arena show --jsno", "No such option '--jsno'. Did you mean '--json'? (see `llmhub arena show --help`)"),
        ("catalog show --provider opnai", "no provider is called 'opnai' (did you mean openai?); there are openai"),
        ("catalog explain gpt-4o", "'gpt-4o' is not in the catalog: did you mean openai/gpt-4o-2024-08-06?"),
    ],
)
def test_what_there_is_not_is_answered_with_the_nearest(llmhub: Llmhub, command: str, said: str) -> None:
    assert error_line(llmhub(*command.split(), LLMHUB_OFFLINE="1"), code=2).startswith(said)


def test_a_name_that_would_drive_a_terminal_is_suggested_harmless(llmhub: Llmhub) -> None:
    seed(board(dict.fromkeys((f"made-up-{name}" for name in HOSTILE if len(name) < 90), 1000.0)), ago(days=1))
    for name in ("made-up-red", "made-up-title", "made-up-lines", "made-up-null", "x" * 100_000):
        said = error_line(llmhub("arena", "history", name), code=2)
        assert len(said) < 1000

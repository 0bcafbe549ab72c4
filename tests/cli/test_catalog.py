"""`llmhub catalog`: what can be called, for how much, how good, and why; against servers on this machine."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmhub.settings import catalog_file
from tests.conftest import Llmhub
from tests.support.processes.commands import Run, ago, board, document, error_line, output, seed, table
from tests.support.processes.forks import Forks, Job
from tests.support.processes.terminal import on_terminal
from tests.support.servers.http import Response, status
from tests.support.servers.sources import OFFERS, SECRET, Sources, listed, modelsdev, row

HOSTILE_NAME = "\x1b[31mred\x1b[0m [red]x[/red]\nsecond \u202egnp"
HOSTILE_ID = "made-up[bold]x[/bold]:smile:"
DROPPED_ID = "made-up\x1b]0;title\x07"
MODELS = {
    **OFFERS["openai"],
    "gpt-4.1": row(family="gpt", release_date="2025-04-14", last_updated="2025-04-14"),
    "gpt-5": row(family="gpt", reasoning=True, name=HOSTILE_NAME, limit={"context": 200_000, "output": 100_000}),
    "gpt-4": row(
        family="gpt",
        cost={"input": 30, "output": 60, "tiers": [{"input": 60, "output": 90, "tier": {"size": 4096}}]},
        limit={"context": 8_192, "output": 8_192},
        status="deprecated",
    ),
    "gpt-5.5": row(
        family="gpt", reasoning=True, release_date="2025-06-30", cost={"input": 3, "output": 9, "cache_read": 0.3}
    ),
}
BOARD = {
    "gpt-4.1-2025-04-14": 1400.0,
    "gpt-5-high": 1430.0,
    "gpt-4-0613": 1200.0,
    "made-up-other": 1300.0,
}
CLAUDE = "anthropic/claude-opus-4-1-20250805"


@dataclass(frozen=True)
class Built:
    """A catalog that tests only read, the run of the command that made it, and what makes a command use it."""

    made_by: Run
    variables: dict[str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Built:
    """Return a catalog that one `catalog refresh` made of OpenAI, Anthropic, models.dev and a stored board."""
    folder = tmp_path_factory.mktemp("catalog")
    with Sources() as sources, pytest.MonkeyPatch.context() as patch:
        sources.answers["/openai/models"] = listed(*MODELS, "made-up-unheard-of", HOSTILE_ID, DROPPED_ID)
        sources.answers["/api.json"] = modelsdev(OFFERS | {"openai": MODELS})
        variables = {**sources.environment, "HOME": str(folder), "LLMHUB_CONFIG_DIR": str(folder / "llmhub")}
        for name, value in (variables | {"NO_PROXY": "127.0.0.1"}).items():
            patch.setenv(name, value)
        seed(board(BOARD), ago(hours=1))
        job = Job.command("catalog", "refresh", variables=os.environ, folder=folder)
        return Built(forks.run(job).run, variables)


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    """Serve all sources, make this test's commands ask them, and store a fresh board."""
    seed(board(BOARD), ago(hours=1))
    with Sources() as server:
        server.use(monkeypatch)
        yield server


def shown(run: Run) -> dict[str, dict[str, Any]]:
    """Return the models of a JSON document by their ids."""
    return {model["canonical_id"]: model for model in document(run)["models"]}


def values(text: str) -> dict[str, str]:
    """Return the fields of a text for people: name to value."""
    pairs = (line.strip().partition("  ") for line in text.splitlines() if "  " in line.strip())
    return {name: value.strip() for name, _, value in pairs}


def test_a_refresh_says_what_came_of_each_source(built: Built) -> None:
    said = output(built.made_by)
    assert built.made_by.stderr == "warning: openai: 1 of its 9 entries has no usable id\n"
    assert said.splitlines()[0] == "9 models can be called: 7 matched to models.dev, 3 rated"
    fields = values(said)
    assert fields["any-llm"] == "ok: 9 models of 2 providers"
    assert fields["models.dev"].startswith("ok: 7 models, as of ")
    assert fields["arena"].startswith("ok: 4 models, as of ")
    assert re.search(r"\(1(\.\d)? h old\), snapshot 1$", fields["arena"]), fields["arena"]
    assert SECRET not in said


def test_a_refresh_offline_says_that_it_asked_nobody_and_whose_catalog_it_shows(llmhub: Llmhub, built: Built) -> None:
    asked = llmhub("catalog", "refresh", **built.variables, LLMHUB_OFFLINE="1")
    assert asked.returncode == 0
    assert asked.stderr.startswith("warning: LLMHUB_OFFLINE is set, so no source was asked: this is the catalog of 20")
    assert asked.stdout.splitlines()[0] == "9 models can be called: 7 matched to models.dev, 3 rated"


def test_the_json_has_prices_limits_and_ratings_as_the_sources_have_them(llmhub: Llmhub, built: Built) -> None:
    models = shown(llmhub("catalog", "show", "--json", "--type", "all", **built.variables))
    assert set(models) == {f"openai/{name}" for name in (*MODELS, "made-up-unheard-of", HOSTILE_ID)} | {CLAUDE}
    facts = (
        "price_input_per_million",
        "price_output_per_million",
        "context_tokens",
        "max_output_tokens",
        "arena_id",
        "arena_score",
        "arena_ci_low",
        "arena_ci_high",
        "quality_basis",
        "cost_basis",
    )
    assert {name: tuple(models[name][fact] for fact in facts) for name in sorted(models) if "made" not in name} == {
        CLAUDE: (15, 75, 400_000, 128_000, None, None, None, None, "unknown", "priced"),
        "openai/gpt-4": (30, 60, 8_192, 8_192, "gpt-4-0613", 1200, 1195, 1205, "rated", "priced"),
        "openai/gpt-4.1": (1.25, 10, 400_000, 128_000, "gpt-4.1-2025-04-14", 1400, 1395, 1405, "rated", "priced"),
        "openai/gpt-4.1-mini": (0.4, 1.6, 400_000, 128_000, None, None, None, None, "unknown", "priced"),
        "openai/gpt-5.5": (3, 9, 400_000, 128_000, None, None, None, None, "predecessor", "priced"),
        "openai/gpt-5": (1.25, 10, 200_000, 100_000, "gpt-5-high", 1430, 1425, 1435, "rated", "priced"),
        "openai/text-embedding-3-small": (0.02, 0, 400_000, 128_000, None, None, None, None, "unknown", "unknown"),
    }
    unheard = models["openai/made-up-unheard-of"]
    assert [unheard[fact] for fact in facts] == [None] * 8 + ["unknown"] * 2
    assert models["openai/text-embedding-3-small"]["type"] == "embedding"
    assert (models["openai/gpt-4"]["status"], models["openai/gpt-5"]["status"]) == ("deprecated", None)
    assert models["openai/gpt-4"]["price_tiers"][0]["above_tokens"] == 4096
    assert models["openai/gpt-5.5"]["price_cache_read_per_million"] == 0.3
    assert models["openai/gpt-5.5"]["predecessor_id"] == "gpt-5-high"
    settings = {name: model["arena_setting"] for name, model in models.items() if model["arena_setting"]}
    assert settings == {"openai/gpt-5": "high"}
    assert unheard["modelsdev_match"]["kind"] == unheard["arena_match"]["kind"] == "none"


RATED = ["openai/gpt-5", "openai/gpt-4.1", "openai/gpt-4"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--provider anthropic", [CLAUDE]),
        ("--rated --sort rating", RATED),
        ("--rated --sort rating --top 2", RATED[:2]),
        ("--rated --sort name", sorted(RATED)),
        ("--rated --sort context --search GPT", ["openai/gpt-4.1", "openai/gpt-5", "openai/gpt-4"]),
        ("--max-price 1 --sort price", ["openai/gpt-4.1-mini"]),
        ("--max-price 1 --sort price --type all", ["openai/text-embedding-3-small", "openai/gpt-4.1-mini"]),
        ("--type embedding", ["openai/text-embedding-3-small"]),
        ("--rated --no-deprecated --sort rating", RATED[:2]),
        ("--quality 1 --search gpt-5 --sort name --include-guesses", ["openai/gpt-5", "openai/gpt-5.5"]),
        ("--can reasoning --can tools --min-context 300000 --provider anthropic", [CLAUDE]),
        ("--quality 1 --sort rating --search gpt-5", ["openai/gpt-5"]),
        ("--open-weights", []),
    ],
)
def test_filters_and_orders_show_the_models_asked_for_in_the_order_asked_for(
    llmhub: Llmhub, built: Built, options: str, expected: list[str]
) -> None:
    rows = table(llmhub("catalog", "show", "--csv", *options.split(), **built.variables))
    assert [row["canonical_id"] for row in rows] == expected


def test_the_csv_says_what_the_json_says_and_leaves_the_unknown_empty(llmhub: Llmhub, built: Built) -> None:
    options = ("catalog", "show", "--sort", "price")
    models = shown(llmhub(*options, "--json", **built.variables))
    rows = table(llmhub(*options, "--csv", **built.variables))
    assert [row["canonical_id"] for row in rows] == list(models)
    for cells in rows:
        model = models[cells["canonical_id"]]
        for name in ("display_name", "price_input_per_million", "context_tokens", "arena_score", "cost_tier"):
            assert cells[name] == ("" if model[name] is None else str(model[name]))
        assert cells["modelsdev_match"] == model["modelsdev_match"]["kind"]
        assert cells["tags"] == " ".join(model["tags"])


def test_the_table_shows_ratings_prices_and_what_a_tier_rests_on(llmhub: Llmhub, built: Built) -> None:
    run = llmhub("catalog", "show", "--search", "gpt", **built.variables)
    assert run.stderr == ""
    said = output(run)
    assert said.startswith("5 of 9 models that can be called, as of ")
    cells = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.startswith("openai/")}
    assert cells["openai/gpt-4.1"][4:] == ["1400.0", "1395.0", "to", "1405.0", "1.25", "10.00", "400,000"]
    assert cells["openai/gpt-4.1-mini"][4:] == ["unknown", "unknown", "0.40", "1.60", "400,000"]
    assert cells["openai/gpt-4.1-mini"][:3] == ["3?"] * 3
    assert cells["openai/gpt-5.5"][:3] == ["1~"] * 3
    assert cells["openai/gpt-5"][:3] == ["1*"] * 3
    assert cells["openai/gpt-5"][4] == "1430.0*"
    assert cells["openai/gpt-4"][-1] == "deprecated"
    assert "5 the last; ~ guessed; ? unknown" in said
    hint = "kinds    1 model does not answer in text: --kind all shows it too"
    assert hint not in said
    assert hint in output(llmhub("catalog", "show", **built.variables))
    rows = output(llmhub("catalog", "show", "--type", "embedding", **built.variables)).splitlines()
    (embedding,) = (line.split() for line in rows if line.startswith("openai/"))
    assert embedding[1:5] == ["\N{EN DASH}"] * 4


@pytest.mark.parametrize(
    ("model", "modelsdev_text", "arena_text"),
    [
        ("openai/gpt-4.1", "openai/gpt-4.1 (exact): ", "gpt-4.1-2025-04-14 (dated): "),
        ("gpt-4", "openai/gpt-4 (exact): ", "gpt-4-0613 (alias): "),
        ("gpt-5", "openai/gpt-5 (exact): ", "gpt-5-high (variant): "),
        (
            "made-up-unheard-of",
            "not matched to an entry of models.dev: ",
            "not matched to an entry of the leaderboard: ",
        ),
    ],
)
def test_explain_says_how_a_model_was_matched_and_what_its_tiers_rest_on(
    llmhub: Llmhub, built: Built, model: str, modelsdev_text: str, arena_text: str
) -> None:
    run = llmhub("catalog", "explain", model, **built.variables)
    assert run.stderr == ""
    fields = values(output(run))
    assert fields["models.dev"].startswith(modelsdev_text)
    assert fields["arena"].startswith(arena_text)
    assert fields["ratings"].startswith("snapshot 1 of ")
    basis = "nothing is known: " if "unheard" in model else "measured: its rating of "
    assert basis in fields["quality"]


def test_explain_names_predecessor_setting_status_and_all_prices(llmhub: Llmhub, built: Built) -> None:
    guessed = values(output(llmhub("catalog", "explain", "gpt-5.5", **built.variables)))
    assert "a guess: it has no rating, so that of gpt-5-high, the newest rated model that" in guessed["quality"]
    assert guessed["prices"].startswith("in 3.00, out 9.00, cache read 0.30 (")
    other = values(output(llmhub("catalog", "explain", "gpt-5", **built.variables)))
    assert other["rating"].endswith("as gpt-5-high, which is at effort high")
    assert " at effort high among " in other["quality"]
    ending = values(output(llmhub("catalog", "explain", "gpt-4", **built.variables)))
    assert ending["status"] == "deprecated, says models.dev"
    assert ending["above 4,096"] == "in 60.00, out 90.00 (tokens in the prompt)"
    silent = values(output(llmhub("catalog", "explain", "text-embedding-3-small", **built.variables)))
    assert silent["kind"] == "embedding"
    assert "there is none: it is of kind embedding" in silent["quality"]


def test_explain_as_json_is_the_models_line_with_reasons(llmhub: Llmhub, built: Built) -> None:
    told = document(llmhub("catalog", "explain", "gpt-5", "--json", **built.variables))
    assert set(told) == {
        *("model", "because", "built_at", "sources", "arena_snapshot"),
        *("life", "witnesses", "disputed_prices"),
    }
    assert told["model"]["canonical_id"] == "openai/gpt-5"
    assert set(told["because"]) == {"quality", "reasoning", "creative", "cost"}
    assert "$3.438 per million tokens" in told["because"]["cost"]
    assert told["model"]["arena_match"]["kind"] == "variant"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("explain", "gpt-4.2"), "openai/gpt-4.1"),
        (("explain", "nothing\x1b[31m like it"), "`llmhub catalog show`"),
        (("show", "--provider", "opnai"), "anthropic, openai"),
        (("show", "--sort", "beauty"), "quality"),
        (("show", "--quality", "6"), "1<=x<=5"),
    ],
)
def test_what_is_not_there_is_wrong_usage_and_the_error_says_what_is(
    llmhub: Llmhub, built: Built, arguments: tuple[str, ...], hint: str
) -> None:
    assert hint in error_line(llmhub("catalog", *arguments, **built.variables), code=2)


def test_hostile_names_do_nothing_to_a_terminal_and_are_unchanged_in_json(
    llmhub: Llmhub, built: Built, tmp_path: Path
) -> None:
    run = llmhub("catalog", "show", "--json", **built.variables)
    models = shown(run)
    assert models["openai/gpt-5"]["display_name"] == HOSTILE_NAME
    assert models[f"openai/{HOSTILE_ID}"]["model_id"] == HOSTILE_ID
    assert run.stdout.replace("\n", "").isprintable()
    assert run.stdout.isascii()
    for arguments in (("show",), ("explain", "openai/gpt-5"), ("explain", HOSTILE_ID)):
        seen = on_terminal("catalog", *arguments, columns=250, folder=tmp_path, **built.variables)
        assert seen.returncode == 0
        assert [part for part in ("\x1b[31m", "\x1b]", "\x07", "\u202e") if part in seen.screen] == []
        wanted = r"red\x1b[0m [red]x[/red]\nsecond " if "openai/gpt-5" in arguments else HOSTILE_ID
        assert wanted in seen.screen


def test_providers_says_which_can_be_called(llmhub: Llmhub, built: Built) -> None:
    rows = document(llmhub("catalog", "providers", "--json", **built.variables))
    assert [(row["provider"], row["callable"], row["failed"], row["models"]) for row in rows] == [
        ("openai", True, False, 8),
        ("anthropic", True, False, 1),
    ]
    assert [(row["offers"], row["tier_1"], row["best"], row["best_rating"]) for row in rows] == [
        (5, 1, "openai/gpt-5", 1430.0),
        (1, 0, None, None),
    ]
    assert (rows[0]["cheapest_tier_1"], rows[0]["cheapest_tier_1_output"]) == ("openai/gpt-5", 10.0)
    lines = table(llmhub("catalog", "providers", "--csv", **built.variables))
    assert [(line["provider"], line["models"], line["reason"]) for line in lines] == [
        ("openai", "8", "1 of its 9 entries has no usable id"),
        ("anthropic", "1", ""),
    ]
    assert "OPENAI_API_KEY" in lines[0]["key_variables"].split()
    assert output(llmhub("catalog", "providers", **built.variables)).startswith("2 of 2 providers can be called, as of")


def test_a_failing_provider_is_named_with_its_reason_and_its_key_is_never_shown(
    llmhub: Llmhub, sources: Sources
) -> None:
    sources.answers["/openai/models"] = Response(status=401, body=f"no such key: {SECRET}".encode())
    runs = {
        arguments: llmhub("catalog", *arguments.split(), LLMHUB_DEBUG="1")
        for arguments in ("refresh", "providers", "providers --json", "show", f"explain {CLAUDE}")
    }
    for run in runs.values():
        assert SECRET not in output(run) + run.stderr
    assert SECRET not in catalog_file().read_text(encoding="utf-8")
    assert "HTTP 401 (AuthenticationError)" in values(runs["refresh"].stdout)["openai"]
    assert values(runs["refresh"].stdout)["any-llm"].startswith("partial: 1 model of 1 provider; openai: ")
    assert "FAILED" in runs["providers"].stdout
    assert "warning: any-llm: partial: openai: HTTP 401" in runs["show"].stderr
    assert CLAUDE in runs["show"].stdout
    # The cached catalog answered all that came after the refresh.
    assert sources.requests.count("/anthropic/v1/models") == 1


def test_a_refresh_of_which_a_part_failed_warns_and_is_a_failure_where_that_is_asked_for(
    llmhub: Llmhub, sources: Sources
) -> None:
    sources.answers["/api.json"] = status(404)
    run = llmhub("catalog", "refresh")
    assert output(run).startswith("5 models can be called")
    assert [line.partition(":")[0] for line in run.stderr.splitlines()] == ["warning"]
    strict = llmhub("catalog", "refresh", "--strict")
    assert (strict.returncode, strict.stdout) == (1, run.stdout)
    assert strict.stderr.splitlines()[-1] == "error: failed: models.dev: see above, or `llmhub catalog providers`"


def test_a_refresh_that_got_nothing_usable_fails_and_says_so(llmhub: Llmhub, sources: Sources) -> None:
    for path in ("/openai/models", "/anthropic/v1/models"):
        sources.answers[path] = status(401)
    run = llmhub("catalog", "refresh")
    assert run.returncode == 1
    assert run.stdout.startswith("0 models can be called")
    assert run.stderr.splitlines()[-1] == (
        "error: no model can be called, since every provider that was asked failed: see above"
    )


def test_a_document_that_lost_most_of_itself_is_taken_by_force_alone(llmhub: Llmhub, sources: Sources) -> None:
    whole: dict[str, Any] = {"openai": {f"gpt-made-up-{number}": {} for number in range(9)}}
    sources.answers["/api.json"] = modelsdev(whole)
    assert llmhub("catalog", "refresh", "--strict").returncode == 0
    sources.answers["/api.json"] = modelsdev({"openai": {"gpt-made-up-0": {}}})
    refused = llmhub("catalog", "refresh")
    assert values(output(refused))["models.dev"].startswith("stale: 9 models")
    assert llmhub("catalog", "refresh", "--strict").returncode == 1
    assert values(output(llmhub("catalog", "refresh", "--force")))["models.dev"].startswith("ok: 1 model, ")


def test_many_failing_providers_take_a_handful_of_lines(llmhub: Llmhub, sources: Sources) -> None:
    names = ("DEEPSEEK", "GMI", "INCEPTION", "KENARI", "MOONSHOT", "NEBIUS", "PORTKEY", "REQUESTY")
    variables = {f"{name}_API_KEY": SECRET for name in names}
    variables |= {f"{name}_API_BASE": f"{sources.url}/{name}" for name in names}
    run = llmhub("catalog", "refresh", LLMHUB_PROVIDERS=f"openai,{','.join(names)}", **variables)
    assert run.returncode == 0
    lines = run.stderr.splitlines()
    assert len(lines) == 6
    assert lines[-1] == "warning: 3 more providers failed or gave an odd answer: `llmhub catalog providers` says which"


def test_without_a_configured_provider_the_catalog_is_empty_and_says_what_to_set(
    llmhub: Llmhub, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in sources.environment:
        if not name.startswith("LLMHUB_"):
            monkeypatch.delenv(name)
    refreshed = llmhub("catalog", "refresh")
    assert output(refreshed).startswith("0 models can be called: 0 matched to models.dev, 0 rated\n")
    assert "set a provider's key, such as OPENAI_API_KEY" in refreshed.stderr
    assert document(llmhub("catalog", "show", "--json"))["models"] == []
    assert table(llmhub("catalog", "show", "--csv")) == []
    seen = llmhub("catalog", "show")
    assert seen.stderr == refreshed.stderr
    assert output(seen).startswith("3 of 4 offers of models.dev, as of ")
    assert "openai/gpt-4.1 " in seen.stdout
    picked = llmhub("catalog", "pick")
    assert (picked.returncode, picked.stdout, picked.stderr) == (1, "", refreshed.stderr)
    assert "no key: set OPENAI_API_KEY" in output(llmhub("catalog", "providers"))
    assert "which is empty" in error_line(llmhub("catalog", "explain", "gpt-5"), code=2)


def test_a_show_without_a_catalog_builds_one_and_says_of_which_source_nothing_came(
    llmhub: Llmhub, sources: Sources
) -> None:
    sources.answers["/api.json"] = status(404)
    run = llmhub("catalog", "show", "--json")
    models = {model["canonical_id"]: model for model in json.loads(output(run))["models"]}
    assert {model["cost_basis"] for model in models.values()} == {"unknown"}
    # Without the embedding model.
    assert len(models) == len(OFFERS["openai"]) + 1
    (line,) = run.stderr.splitlines()
    assert line.startswith("warning: ")
    assert "/api.json: answered HTTP 404" in line
    assert catalog_file().exists()

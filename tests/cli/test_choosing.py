"""The commands that help to choose a model: show with its forms, pick, compare, cost by filter, show --at and --all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.catalog.cache import save_catalog
from llmhub.catalog.schema import ArenaProvenance, Match, ProviderStatus
from llmhub.catalog.stored.format import TIER_NAMES
from llmhub.storage import stamps
from tests.conftest import Llmhub
from tests.support.made_up import models as made
from tests.support.made_up.stored_offers import store_listings, store_offers
from tests.support.processes.children import run_llmhub_unprivileged
from tests.support.processes.commands import Run, ago, board, document, error_line, output, seed, table
from tests.support.processes.terminal import on_terminal

DAY = timedelta(days=1)
NOW = datetime.now(UTC)
PRICES = {"gpt-4.1": 2.0, "gpt-4.1-mini": 0.5, "gpt-4": 30.0}
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


def offer(name: str, price: float, **fields: Any) -> Any:
    days = {"release_date": "2025-04-14", "last_updated": "2025-04-14"}
    prices = {"price_input_per_million": price, "price_output_per_million": 4 * price}
    return made.offer(f"openai/{name}", **days, **prices, **fields)


def model(name: str, tier: int, **fields: Any) -> Any:
    """Return a callable model of the first tiers, with its offer."""
    tiers = {f"{kind}_tier": tier for kind in TIER_NAMES} | {f"{kind}_basis": "rated" for kind in TIER_NAMES}
    match = Match(kind="exact", target=f"openai/{name}", reason="made up")
    prices = {"price_input_per_million": PRICES.get(name), "price_output_per_million": PRICES.get(name)}
    rating = {"arena_score": 1500.0 - tier, "lab": "openai", "tags": ("tools",), "first_party": True}
    return made.line(f"openai/{name}", **{**tiers, "modelsdev_match": match, **prices, **rating, **fields})


@pytest.fixture(autouse=True)
def saved() -> None:
    """Store a catalog of four models, three of whose offers and ratings are stored too."""
    settings.arena_db().parent.mkdir(parents=True)
    offers = {f"openai/{name}": offer(name, price) for name, price in PRICES.items()}
    store_offers(settings.arena_db(), offers, taken_at=NOW - DAY)
    snapshot = seed(board({"gpt-4.1-2025-04-14": 1400.0, "gpt-4-0613": 1200.0}), ago(hours=30))
    store_listings(settings.arena_db(), {"openai": ["gpt-4.1", "gpt-4"]}, taken_at=NOW - 20 * timedelta(hours=1))
    lines = (
        model("gpt-4.1", 1, release_date="2026-05"),
        model("gpt-4.1-mini", 2, retires_on=f"{NOW + 5 * DAY:%Y-%m-%d}"),
        model("gpt-4", 3, status="deprecated"),
        made.line("openai/unheard-of\x1b[31m"),
        made.line("openai/embeds", type="embedding"),
    )
    providers = (
        ProviderStatus(provider="openai", callable=True, configured=True, models=5),
        ProviderStatus(provider="anthropic", callable=False, reason="no key: set ANTHROPIC_API_KEY"),
    )
    provenance = ArenaProvenance(snapshot_id=snapshot.id, taken_at=snapshot.taken_at)
    save_catalog(made.catalog_of(*lines, providers=providers, arena_snapshot=provenance))


def test_ids_and_templates_are_a_line_a_model_in_the_order_of_show(llmhub: Llmhub) -> None:
    ids = output(llmhub("catalog", "show", "--ids")).splitlines()
    assert ids == ["openai/gpt-4.1", "openai/gpt-4.1-mini", "openai/gpt-4", r"openai/unheard-of\x1b[31m"]
    template = "{canonical_id} {price_input_per_million} {{{quality_tier}}} {arena_id}."
    lines = output(llmhub("catalog", "show", "--top", "2", "--format", template)).splitlines()
    assert lines == ["openai/gpt-4.1 2.0 {1} .", "openai/gpt-4.1-mini 0.5 {2} ."]


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("{canonical_id.__class__}", "is not a field (did you mean canonical_id?)"),
        ("{canonical_id[0]}", "is not a field"),
        ("{0}", "is not a field"),
        ("{}", "is not a field"),
        ("{canonical_id!r}", "only names of fields may stand in braces, such as {canonical_id}"),
        ("{canonical_id:>1000000}", "only names of fields may stand in braces"),
        ("{canonical_id", "write {{ and }} for braces"),
        ("{price}", "there are canonical_id, provider"),
    ],
)
def test_a_template_reads_the_fields_of_a_row_and_nothing_else(llmhub: Llmhub, template: str, hint: str) -> None:
    for command in ("show", "pick"):
        assert hint in error_line(llmhub("catalog", command, "--format", template), code=2)


@pytest.mark.parametrize(
    ("command", "forms"),
    [
        ("catalog show", "--json --csv"),
        ("catalog show", "--ids --csv"),
        ("catalog show", "--ids --format {provider}"),
        ("catalog pick", "--json --format {provider}"),
        ("catalog compare gpt-4 gpt-4.1", "--csv --json"),
        ("catalog cost gpt-4 --input 1", "--json --csv"),
        ("arena show", "--json --csv"),
        ("arena history", "--csv --json"),
    ],
)
def test_two_forms_of_output_at_once_are_wrong_usage(llmhub: Llmhub, command: str, forms: str) -> None:
    first, second = (word for word in forms.split() if word.startswith("--"))
    line = error_line(llmhub(*command.split(), *forms.split()), code=2)
    assert line.startswith((f"{first} and {second} exclude each other", f"{second} and {first} exclude each other"))


def test_pick_prints_one_id_and_passes_over_what_ends_soon(llmhub: Llmhub) -> None:
    assert output(llmhub("catalog", "pick")) == "openai/gpt-4.1\n"
    cheapest = ("catalog", "pick", "--sort", "price", "--can", "tools")
    passed = llmhub(*cheapest)
    assert output(passed) == "openai/gpt-4.1\n"
    assert passed.stderr.startswith("passed over, since they end soon: openai/gpt-4.1-mini (ends ")
    allowed = llmhub(*cheapest, "--allow-retiring")
    assert (output(allowed), allowed.stderr) == ("openai/gpt-4.1-mini\n", "")
    assert output(llmhub(*cheapest, "--format", "{model_id}")) == "gpt-4.1\n"
    assert document(llmhub(*cheapest, "--json", "--quiet"))["canonical_id"] == "openai/gpt-4.1"


def test_pick_exits_with_1_and_says_why_if_there_is_none(llmhub: Llmhub) -> None:
    none = llmhub("catalog", "pick", "--quality", "1", "--max-price", "0.1")
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr == "no model of 5 meets all of that: without --max-price 0.1 there would be 1\n"
    only_ending = llmhub("catalog", "pick", "--search", "mini")
    assert (only_ending.returncode, only_ending.stdout) == (1, "")
    assert "--allow-retiring takes them" in only_ending.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--kind embedding", ["openai/embeds"]),
        ("--type embedding", ["openai/embeds"]),
        ("--released-since 2026-05-01", ["openai/gpt-4.1"]),
        ("--released-since 2026-06-01", []),
        ("--retired", ["openai/gpt-4"]),
        ("--lab OpenAI --provider-of-lab --quality 2", ["openai/gpt-4.1", "openai/gpt-4.1-mini"]),
        ("--one-each --top 1", ["openai/gpt-4.1"]),
    ],
)
def test_filters_by_kind_date_life_and_lab(llmhub: Llmhub, options: str, expected: list[str]) -> None:
    assert output(llmhub("catalog", "show", "--ids", *options.split())).split() == expected


def test_no_match_says_why_and_prints_no_table(llmhub: Llmhub) -> None:
    for options, why in (
        ("--provider anthropic", "anthropic cannot be called: no key: set ANTHROPIC_API_KEY"),
        ("--max-price 0.01 --can tools", "without --max-price 0.01 there would be 3"),
        ("--search nothing", "without --search nothing there would be 4"),
    ):
        run = llmhub("catalog", "show", *options.split())
        assert (output(run), run.stderr) == ("", f"no model of 5 meets all of that: {why}\n")
        assert document(llmhub("catalog", "show", "--json", *options.split()))["models"] == []
        assert table(llmhub("catalog", "show", "--csv", *options.split())) == []


def test_the_json_of_show_has_what_belongs_to_the_machine_only_with_full(llmhub: Llmhub) -> None:
    short = document(llmhub("catalog", "show", "--json", "--top", "1"))
    assert list(short) == ["catalog_version", "built_at", "models", "sources", "arena_snapshot"]
    full = document(llmhub("catalog", "show", "--json", "--top", "1", "--full"))
    assert {name: full[name] for name in short} == short
    assert [status["provider"] for status in full["providers"]] == ["openai", "anthropic"]
    assert "--full adds to --json" in error_line(llmhub("catalog", "show", "--full"), code=2)


def test_all_shows_every_offer_and_which_can_be_called(llmhub: Llmhub) -> None:
    rows = table(llmhub("catalog", "show", "--all", "--csv", "--sort", "name"))
    assert [(row["canonical_id"], row["callable_as"], row["arena_score"]) for row in rows] == [
        ("openai/gpt-4", "openai/gpt-4", "1200.0"),
        ("openai/gpt-4.1", "openai/gpt-4.1", "1400.0"),
        ("openai/gpt-4.1-mini", "openai/gpt-4.1-mini", ""),
    ]
    shown = output(llmhub("catalog", "show", "--all", "--quality", "1"))
    assert shown.startswith("1 of 3 offers of models.dev, as of ")
    assert shown.splitlines()[1].split()[-1] == "callable"
    models = document(llmhub("catalog", "show", "--all", "--json", "--quality", "1"))["models"]
    assert [(model["canonical_id"], model["callable_as"]) for model in models] == [
        ("openai/gpt-4.1", ["openai/gpt-4.1"])
    ]


def test_show_at_a_moment_is_made_of_what_was_stored_then(llmhub: Llmhub) -> None:
    then = llmhub("catalog", "show", "--at", "15h", "--json")
    assert then.stderr == ""
    shown = document(then)
    assert [(model["canonical_id"], model["arena_score"]) for model in shown["models"]] == [
        ("openai/gpt-4.1", 1400.0),
        ("openai/gpt-4", 1200.0),
    ]
    assert [source["status"] for source in shown["sources"]] == ["ok"] * 3
    before = llmhub("catalog", "show", "--at", "22h")
    assert before.returncode == 0
    first, last = before.stderr.splitlines()
    assert first.startswith("warning: any-llm: failed: which models could be called then is unknown: no listing of ")
    assert last == (
        "the store does not know which models could be called then: add --all to show the offers of models.dev at that "
        "moment"
    )
    everything = llmhub("catalog", "show", "--at", "22h", "--all")
    assert "openai/gpt-4.1-mini" in output(everything)
    assert {line.split()[-1] for line in everything.stdout.splitlines() if line.startswith("openai/")} == {"unknown"}
    assert "the oldest is of" in error_line(llmhub("catalog", "show", "--at", "2020-01-01"), code=2)
    assert "names no snapshot" in error_line(llmhub("catalog", "show", "--at", "soon"), code=2)


FORMS = ("", "--json", "--json --full", "--json --top 1", "--json --max-price 0.01", "--csv", "--ids", "--kind all")
FIELDS = "{canonical_id} {max_output_tokens} {tags} {modelsdev_id}"


@pytest.mark.parametrize("of", ["--all", "--at 2026-01-01T00:00 --all", "--at 2026-01-01T00:00"])
def test_what_is_kept_is_shown_as_what_was_built(
    here: Callable[..., Run], of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The store counts as left alone, and the moment is one at which all is known.
    monkeypatch.setattr(stamps, "_SETTLED_NS", -1)
    words = ["catalog", "show", *of.replace("2026-01-01T00:00", f"{ago(hours=15):%Y-%m-%dT%H:%M}").split()]
    answers = [[*form.split()] for form in FORMS] + [["--format", FIELDS]]
    kept = {False: settings.whole_catalog_file(), True: settings.past_catalog_file(whole="--all" in of)}["--at" in of]

    def shown(form: list[str]) -> tuple[str, str]:
        run = here(*words, *form)
        return run.stdout, run.stderr

    built = []
    for form in answers:
        kept.unlink(missing_ok=True)
        built.append(shown(form))
    assert kept.exists()
    written = kept.stat().st_mtime_ns
    assert [shown(form) for form in answers] == built
    assert kept.stat().st_mtime_ns == written
    assert "openai/gpt-4.1" in built[0][0]


def test_where_nothing_can_be_written_every_offer_and_the_past_are_shown_without_a_word() -> None:
    config = settings.config_dir()
    before = sorted(config.rglob("*"))
    for folder in (config, settings.arena_dir()):
        folder.chmod(0o500)
    for options in ("--all", "--at 15h", "--at 15h --all"):
        run = run_llmhub_unprivileged("catalog", "show", *options.split())
        assert "openai/gpt-4.1" in output(run)
        assert run.stderr == "", options
    assert sorted(config.rglob("*")) == before


def test_compare_has_the_differences_first_in_every_form(llmhub: Llmhub) -> None:
    told = document(llmhub("catalog", "compare", "gpt-4", "openai/gpt-4.1", "--json"))
    assert told["models"] == ["openai/gpt-4", "openai/gpt-4.1"]
    assert told["different"]["price_input_per_million"] == [30.0, 2.0]
    assert told["same"]["lab"] == "openai"
    rows = table(llmhub("catalog", "compare", "gpt-4", "openai/gpt-4.1", "--csv"))
    assert rows[0]["differs"] == "True"
    assert {row["field"]: row["openai/gpt-4"] for row in rows}["status"] == "deprecated"
    lines = output(llmhub("catalog", "compare", "gpt-4", "openai/gpt-4.1")).splitlines()
    assert lines[0].startswith("different (")
    assert lines[1].split() == ["field", "openai/gpt-4", "openai/gpt-4.1"]
    assert "give two models or more" in error_line(llmhub("catalog", "compare", "gpt-4", "gpt-4"), code=2)
    assert "did you mean openai/gpt-4" in error_line(llmhub("catalog", "compare", "gpt-4", "gpt-44"), code=2)


def test_compare_names_ids_once_where_they_do_not_fit_beside_each_other(tmp_path: Path) -> None:
    shown = on_terminal("catalog", "compare", "gpt-4", "gpt-4.1", columns=40, folder=tmp_path).screen
    assert shown.splitlines()[:2] == ["A  openai/gpt-4", "B  openai/gpt-4.1"]


def test_cost_of_every_model_that_filters_let_through_is_one_command(llmhub: Llmhub) -> None:
    amounts = ("catalog", "cost", "--input", "10M", "--output", "500k")
    told = document(llmhub(*amounts, "--quality", "2", "--json"))
    assert [(row["model"], row["total"]) for row in told["rows"]] == [
        ("openai/gpt-4.1-mini", 6.0),
        ("openai/gpt-4.1", 24.0),
    ]
    everything = document(llmhub(*amounts, "--all", "--json"))
    assert [row["model"] for row in everything["rows"]][-1] == "openai/gpt-4"
    none = llmhub(*amounts, "--max-price", "0.1")
    assert none.stderr.startswith("no model of 5 meets all of that: without --max-price 0.1")
    assert "give either filters or MODEL" in error_line(llmhub(*amounts, "openai/gpt-4", "--quality", "1"), code=2)
    assert "is not a number of tokens" in error_line(
        llmhub("catalog", "cost", "--input", "1.5", "openai/gpt-4"), code=2
    )


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_on_a_terminal_no_line_is_too_wide_and_every_id_is_whole(tmp_path: Path, columns: int) -> None:
    for command in (("show",), ("show", "--all"), ("providers",), ("compare", "gpt-4", "gpt-4.1")):
        lines = on_terminal("catalog", *command, columns=columns, folder=tmp_path, NO_COLOR="1").screen.splitlines()
        assert [line for line in lines if len(line) > columns] == []
        if command != ("providers",):
            words = {word for line in lines for word in line.split()}
            assert {"openai/gpt-4.1", "openai/gpt-4"} <= words
        if command[0] == "show":
            head = next(line for line in lines if line.startswith("model"))
            assert any("with 95 % interval" in line for line in lines) == ("interval" in head) == (columns > 80)


def test_the_legend_says_nothing_of_columns_that_have_no_room(tmp_path: Path) -> None:
    lines = on_terminal("catalog", "show", columns=36, folder=tmp_path, NO_COLOR="1").screen.splitlines()
    assert next(line for line in lines if line.startswith("model")).split() == ["model", "rating", "in", "out"]
    assert not any(line.startswith("tiers") for line in lines)
    assert any(line.startswith("ratings") for line in lines)
    lines = on_terminal("catalog", "providers", columns=50, folder=tmp_path, NO_COLOR="1").screen.splitlines()
    assert any(line.startswith("models ") for line in lines)
    assert not any(line.startswith(("tier 1 ", "prices ")) for line in lines)

"""`llmhub audit` as it is run: what it finds, at which level, and what it says of it in each form."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import PAGE
from tests.conftest import Llmhub
from tests.support.processes.forks import Forks, Job

Plant = Callable[..., Path]
Audit = Callable[..., subprocess.CompletedProcess[str]]
Told = dict[str, Any]


def _found(told: Told) -> list[tuple[str, str, str, str, int]]:
    return [(one["level"], one["check"], one["model"], one["path"], one["line"]) for one in told["findings"]]


GPT4 = [(".env", 2), ("app.py", 3), ("conf/models.yaml", 3), ("nb.ipynb", 13), ("web/app.ts", 2)]
"""Where gpt-4 stands in the planted repository; its last day was 2026-06-01."""

OTHERS = [
    ("note", "dominated", "azure/gpt-4o", "app.py", 4),
    ("warning", "deprecated", "anthropic/claude-3-opus-20240229", "app.py", 5),
]


@pytest.mark.usefixtures("stored")
def test_exactly_the_planted_ids_are_found_before_within_and_after_the_window(
    plant: Plant, forks: Forks, elsewhere: Path
) -> None:
    plant()
    moments = ("2026-03-02", "2026-03-03", "2026-06-01 23:59:59", "2026-06-02")
    variables = {**os.environ, "LLMHUB_OFFLINE": "1"}
    arguments = [",".join(moments), "audit", "--json", "--since", "2026-02-01"]
    ended = forks.run(Job("tests.support.processes.frozen:main", arguments, variables, str(elsewhere)))
    levels = ((None, None), ("warning", "retires"), ("warning", "retires"), ("error", "retired"))
    dearer = ("note", "dearer", "azure/gpt-4o", "app.py", 4)
    answers = json.loads(ended.run.stdout)
    assert [code for code, _ in answers] == [0, 0, 0, 3]
    for (_, said), (level, check) in zip(answers, levels, strict=True):
        expected = [(level, check, "openai/gpt-4", *place) for place in GPT4] if level else []
        assert sorted(_found(json.loads(said)), key=str) == sorted([*expected, *OTHERS, dearer], key=str)


@pytest.fixture
def audit(llmhub: Llmhub) -> Audit:
    """Return a function that runs `llmhub audit` today: after gpt-4's last day."""
    return partial(llmhub, "audit", LLMHUB_OFFLINE="1")


@pytest.fixture
def told(llmhub: Llmhub) -> Callable[..., Told]:
    """Return a function that runs `llmhub audit --json`, and returns its document."""

    def run(*arguments: str) -> Told:
        document: Told = json.loads(llmhub("audit", "--json", *arguments).stdout)
        return document

    return run


@pytest.mark.usefixtures("stored")
def test_a_finding_says_the_day_the_source_and_what_can_be_called_instead(
    plant: Plant, told: Callable[..., Told]
) -> None:
    plant()
    document = told()
    assert set(document) == {"findings", "files", "skipped", "models", "known"}
    assert document["files"] == 6
    assert document["skipped"] == {"documentation": 1}
    assert document["findings"][0] == {
        "level": "error",
        "check": "retired",
        "model": "openai/gpt-4",
        "path": ".env",
        "line": 2,
        "column": 11,
        "message": "openai/gpt-4 was retired on 2026-06-01 (litellm); its source names gpt-4.1 instead",
        "retires_on": "2026-06-01",
        "source": "litellm",
        "replacements": [
            {
                "model": f"openai/{name}",
                "price_input_per_million": price,
                "price_output_per_million": 4 * price,
                "rating": rating,
            }
            for name, price, rating in (("gpt-4.1", 2.0, 1450.0), ("gpt-4o", 2.5, 1400.0))
        ],
        "citation": PAGE,
        "written": "gpt-4",
        "cell": None,
    }
    (cell,) = [one for one in document["findings"] if one["path"] == "nb.ipynb"]
    assert cell["cell"] == 2


@pytest.mark.usefixtures("stored")
def test_for_people_findings_are_grouped_with_places_and_replacements(plant: Plant, audit: Audit) -> None:
    plant()
    shown = audit().stdout
    lines = shown.splitlines()
    assert (
        lines[0] == "error: retired: openai/gpt-4 was retired on 2026-06-01 (litellm); its source names gpt-4.1 instead"
    )
    assert lines[1] == f"  see {PAGE}"
    assert [line.split()[0] for line in lines[2:7]] == [
        *(".env:2:11", "app.py:3:10", "conf/models.yaml:3:12", "nb.ipynb:13:11", "web/app.ts:2:16")
    ]
    assert "(cell 2)" in lines[5]
    assert lines[6].endswith("openai:gpt-4")
    assert "openai/gpt-4.1" in shown
    assert "1450.0" in shown
    assert lines[-1].startswith("5 errors, 1 warning, 1 note: 7 model ids in 6 files; left out: 1 documentation")


@pytest.mark.usefixtures("stored")
def test_options_and_paths_narrow_and_widen_what_is_found(plant: Plant, told: Callable[..., Told]) -> None:
    plant()
    assert {one["check"] for one in told("--since", "2026-02-01")["findings"]} >= {"dearer"}
    assert {one["check"] for one in told("--since", "2026-03-02")["findings"]}.isdisjoint({"dearer"})
    docs = told("--docs", ".")["findings"]
    assert {(one["path"], one["line"]) for one in docs if one["check"] == "retired"} == {
        *GPT4,
        *(("README.md", 1), ("app.py", 1), ("web/app.ts", 1), ("nb.ipynb", 6)),
    }
    # A file or a folder that is named is read, whatever git ignores; each once.
    named = told("built/app.py", "built", "web", "web/app.ts")
    assert [one["path"] for one in named["findings"]] == ["built/app.py", "web/app.ts"]
    assert named["files"] == 2


@pytest.mark.usefixtures("stored")
def test_the_exit_code_is_3_for_findings_of_the_level_that_is_asked_for(plant: Plant, audit: Audit) -> None:
    plant({"app.py": 'ask("claude-3-opus-20240229")\n'})
    assert audit().returncode == 0
    assert audit("--fail-on", "warning").returncode == 3
    assert audit("--fail-on", "note").returncode == 3


@pytest.mark.usefixtures("stored")
def test_findings_of_a_baseline_are_left_out_until_there_are_more(
    plant: Plant, audit: Audit, told: Callable[..., Told]
) -> None:
    repository = plant()
    wrote = audit("--write-baseline", "known.json")
    assert (wrote.returncode, wrote.stdout) == (0, "wrote 7 findings to known.json\n")
    assert len(told("--write-baseline", "known.json")["findings"]) == 7
    quiet = audit("--baseline", "known.json")
    assert quiet.returncode == 0
    assert quiet.stdout.startswith("no findings, and 7 findings of the baseline: ")
    (repository / "app.py").write_text('\n\nA = "gpt-4"\nB = "gpt-4"\n')
    again = told("--baseline", "known.json")
    assert [one[3:] for one in _found(again)] == [("app.py", 4)]
    assert again["known"] == 5
    # A baseline replaces a baseline, and no other file.
    assert audit("--write-baseline", "known.json").returncode == 0
    refused = audit("--write-baseline", "app.py")
    assert refused.returncode == 1
    assert "app.py is there and llmhub did not write it" in refused.stderr
    assert (repository / "app.py").read_text().count("gpt-4") == 2


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    "text", ["{", "[]", '{"llmhub_audit_baseline": 2}', '{"llmhub_audit_baseline": 1, "findings": [{"check": 1}]}']
)
def test_a_baseline_that_is_none_is_an_error_and_not_an_empty_one(plant: Plant, audit: Audit, text: str) -> None:
    (plant({"app.py": 'A = "gpt-4"\n'}) / "known.json").write_text(text)
    ended = audit("--baseline", "known.json")
    assert ended.returncode == 1
    assert "write a new one with --write-baseline" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("no-such-folder",), 2, "no-such-folder does not exist"),
        ((".",), 2, "the store knows no ids yet: `llmhub catalog refresh` stores today's"),
        (("--within", "soon"), 2, "'soon' is not an age"),
        (("--baseline", "a", "--write-baseline", "b"), 2, "give it without --baseline"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    llmhub: Llmhub, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = llmhub("audit", *arguments)
    assert ended.returncode == code
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.usefixtures("stored")
def test_it_asks_no_server_even_where_it_may(plant: Plant, llmhub: Llmhub) -> None:
    plant()
    nowhere = "http://127.0.0.1:9/x"
    ended = llmhub("audit", LLMHUB_MODELSDEV_URL=nowhere, LLMHUB_ARENA_SOURCE_URL=nowhere, LLMHUB_OFFLINE=None)
    assert ended.returncode == 3
    assert ended.stderr == ""


def _properties(line: str) -> dict[str, str]:
    given = line.split("::")[1].partition(" ")[2]
    return dict(pair.split("=", 1) for pair in given.split(","))


@pytest.mark.usefixtures("stored")
def test_names_of_files_do_no_harm_in_any_form(plant: Plant, audit: Audit) -> None:
    odd = "a\x1b[31m,b::error::%0A\n::set-output.py"
    plant({odd: 'A = "gpt-4"\n', "\udcff.py": 'A = "gpt-4"\n'})
    shown = audit().stdout
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == len(shown.split("\n")) - 1
    assert "\\x1b[31m,b::error::%0A\\n::set-output.py:1:6" in shown
    commands = audit("--format", "github").stdout.splitlines()
    assert len(commands) == 2
    for command in commands:
        assert command.startswith("::error file=")
        assert command.count("::") == 2
        assert _properties(command)["line"] == "1"
    assert _properties(commands[1])["file"] == "a\\x1b[31m%2Cb%3A%3Aerror%3A%3A%250A%0A%3A%3Aset-output.py"
    run = json.loads(audit("--format", "sarif").stdout)["runs"][0]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert uris[1] == "a%1B%5B31m%2Cb%3A%3Aerror%3A%3A%250A%0A%3A%3Aset-output.py"
    assert all(uri.isascii() for uri in uris)


def _require(value: Any, schema: dict[str, Any], where: str = "") -> None:
    """Check a value against the part of a JSON schema that is used here."""
    assert isinstance(value, schema["is"]), where
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), where
        properties = schema.get("properties")
        for name, inner in value.items():
            if properties is not None:
                assert name in properties, f"{where}.{name}"
                _require(inner, properties[name], f"{where}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _require(inner, schema["items"], f"{where}[{number}]")
    if "among" in schema:
        assert value in schema["among"], where
    if "least" in schema:
        assert value >= schema["least"], where


def _object(required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {"is": dict, "required": required.split(), "properties": properties}


_TEXT = {"is": str}
_LEVEL = {"is": str, "among": {"none", "note", "warning", "error"}}
_PLACE = {"is": int, "least": 1}
_MESSAGE = _object("text", text=_TEXT)
_ANYTHING: dict[str, Any] = {"is": dict}
# The part of https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json that is used:
# none of these objects may have other properties.
_SARIF = _object(
    "version runs",
    **{"$schema": _TEXT},
    version={"is": str, "among": {"2.1.0"}},
    runs={
        "is": list,
        "items": _object(
            "tool",
            tool=_object(
                "driver",
                driver=_object(
                    "name",
                    name=_TEXT,
                    version=_TEXT,
                    informationUri=_TEXT,
                    rules={
                        "is": list,
                        "items": _object(
                            "id",
                            id=_TEXT,
                            shortDescription=_MESSAGE,
                            defaultConfiguration=_object("", level=_LEVEL),
                        ),
                    },
                ),
            ),
            columnKind={"is": str, "among": {"utf16CodeUnits", "unicodeCodePoints"}},
            results={
                "is": list,
                "items": _object(
                    "message",
                    ruleId=_TEXT,
                    ruleIndex={"is": int, "least": -1},
                    level=_LEVEL,
                    message=_MESSAGE,
                    locations={
                        "is": list,
                        "items": _object(
                            "",
                            physicalLocation=_object(
                                "",
                                artifactLocation=_object("", uri=_TEXT),
                                region=_object("", startLine=_PLACE, startColumn=_PLACE, endColumn=_PLACE),
                            ),
                        ),
                    },
                    partialFingerprints=_ANYTHING,
                    properties=_ANYTHING,
                ),
            },
        ),
    },
)


@pytest.mark.usefixtures("stored")
def test_sarif_is_what_its_schema_takes_and_names_each_place(plant: Plant, audit: Audit) -> None:
    plant()
    document = json.loads(audit("--format", "sarif").stdout)
    _require(document, _SARIF)
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    places = [result["locations"][0]["physicalLocation"] for result in run["results"] if result["ruleId"] == "retired"]
    assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places] == GPT4
    assert places[1]["region"] == {"startLine": 3, "startColumn": 10, "endColumn": 15}
    prints = [result["partialFingerprints"]["llmhub/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    assert "Instead: openai/gpt-4.1, openai/gpt-4o." in run["results"][0]["message"]["text"]


def test_in_python_it_answers_with_values(plant: Plant, stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime, timedelta

    from llmhub.audit import audit

    monkeypatch.chdir(plant())
    report = audit(["app.py"], within=timedelta(days=90), now=datetime(2026, 5, 20, tzinfo=UTC))
    first = report.findings[0]
    assert (first.level, first.verdict.check, first.place) == ("warning", "retires", "app.py:3:10")
    assert [one.model for one in first.verdict.replacements] == ["openai/gpt-4.1", "openai/gpt-4o"]
    assert report.fails("warning")
    assert not report.fails("error")
    assert (stored / "llmhub" / "arena" / "arena.db").exists()

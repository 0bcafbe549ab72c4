"""A canary under every key variable that any-llm knows: no file, no output and no child process ever holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmhub.catalog.providers.facts import supported_providers
from tests.conftest import KEY_ENDINGS, Llmhub
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.processes.commands import upstream_json
from tests.support.servers.http import Response, serve_folder
from tests.support.servers.sources import Sources, listed

CANARY = "sk-canary-7f3a"
PASSWORD = "canary-password-91c2"  # noqa: S105 -- made up
GENERAL = (
    "AWS_SESSION_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "NETRC_PASSWORD",
    "MY_SECRET",
)


def known_key_variables() -> set[str]:
    """Return the variable of every key that any-llm would read."""
    return {name for provider in supported_providers() for name in provider.key_variables}


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    """Set a canary as every key, and passwords in addresses; sources that echo the key are at hand."""
    names = known_key_variables()
    assert len(names) > 40
    for name in (*names, *GENERAL):
        monkeypatch.setenv(name, f"{CANARY}-{name}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    # Unless a test has one of its own: the vendored one asks the dataset's address.
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(tmp_path / "none.py"))
    with Sources() as sources:
        for name, value in sources.environment.items():
            if not name.endswith("_KEY"):
                # An address with a password is asked with that one in place of the key.
                with_password = value if name == "OPENAI_BASE_URL" else value.replace("//", f"//user:{PASSWORD}@")
                monkeypatch.setenv(name, with_password)
        yield sources


def require_unseen(tmp_path: Path, *texts: str) -> None:
    """Check that neither texts nor any file below the test's folder hold a canary."""
    for canary in (CANARY, PASSWORD):
        assert all(canary not in text for text in texts)
        holding = [path for path in tmp_path.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]
        assert holding == []


def test_every_key_variable_is_unset_for_tests() -> None:
    missed = {name for name in known_key_variables() if not name.endswith(KEY_ENDINGS)}
    assert missed == set()
    assert not {name for name in known_key_variables() if name in os.environ}


def test_no_key_gets_out_of_a_catalog_whose_providers_echo_it(
    llmhub: Llmhub, canaries: Sources, tmp_path: Path
) -> None:
    key = f"{CANARY}-OPENAI_API_KEY"
    echoed = json.dumps({"error": {"message": f"bad key {key}"}})
    canaries.answers["/openai/models"] = Response(401, body=echoed.encode())
    runs = [
        llmhub("catalog", "refresh", LLMHUB_DEBUG="1"),
        llmhub("catalog", "providers", "--json"),
        llmhub("catalog", "explain", "claude-opus-4-1-20250805"),
        llmhub("catalog", "show", "--json"),
        llmhub("doctor"),
    ]
    sent = [value for request in canaries.received for value in request.headers.values() if CANARY in value]
    # They reach those whom they are for, and models.dev is none of them.
    assert any(key in value for value in sent)
    assert not [r for r in canaries.received if r.path == "/api.json" and CANARY in str(r.headers)]
    require_unseen(tmp_path, *(run.stdout + run.stderr for run in runs))


def test_a_key_that_a_provider_lists_as_a_model_gets_nowhere(llmhub: Llmhub, canaries: Sources, tmp_path: Path) -> None:
    canaries.answers["/openai/models"] = listed(
        f"{CANARY}-OPENAI_API_KEY", f"ft:{CANARY}-AWS_SESSION_TOKEN:x", PASSWORD
    )
    canaries.answers["/anthropic/v1/models"] = listed("made-up", f"{CANARY}-MY_SECRET")
    runs = [llmhub("catalog", "refresh", "-v"), llmhub("catalog", "show", "--json"), llmhub("catalog", "providers")]
    assert runs[0].returncode == 0
    assert "openai: 3 ids hold the value of a key and are left out" in runs[0].stderr
    assert [model["canonical_id"] for model in json.loads(runs[1].stdout)["models"]] == ["anthropic/made-up"]
    require_unseen(tmp_path, *(run.stdout + run.stderr for run in runs))


@pytest.mark.parametrize("end", ["sys.exit('error: ' + str(dict(os.environ)))", "print(dict(os.environ))", "1 / 0"])
def test_no_key_gets_into_the_update_scripts_environment_or_out_of_it(
    llmhub: Llmhub, canaries: Sources, tmp_path: Path, end: str
) -> None:
    proxy = f"http://user:{PASSWORD}@127.0.0.1:9"
    good = upstream_json({"made-up-a": 1400.0})
    script, seen = tmp_path / "update.py", tmp_path / "seen"
    script.write_text(
        f"import os, sys\nopen({str(seen)!r}, 'w').write(chr(10).join(os.environ))\n"
        f"print(dict(os.environ), file=sys.stderr)\n"
        f"open('data/leaderboard-text.json', 'w').write({good!r})\n{end}\n"
    )
    run = llmhub("arena", "refresh", LLMHUB_ARENA_SCRIPT=str(script), HTTPS_PROXY=proxy, LLMHUB_DEBUG="1")
    status = llmhub("arena", "status", "--json")
    names = set(seen.read_text().split())
    assert not names & (known_key_variables() | set(GENERAL))
    assert "HTTPS_PROXY" in names
    require_unseen(tmp_path, run.stdout, run.stderr, status.stdout, status.stderr)


def test_no_password_of_the_source_or_a_proxy_gets_out_of_a_backfill_and_an_import(
    llmhub: Llmhub, canaries: Sources, tmp_path: Path
) -> None:
    path = write_publication(tmp_path / "publication", "text", [row("made-up-a", 1400.0)], name=FULL)
    with serve_folder(tmp_path / "publication") as server:
        address = server.url.replace("http://", f"http://user:{PASSWORD}@")
        runs = [
            llmhub("arena", "backfill", LLMHUB_ARENA_SOURCE_URL=address, LLMHUB_DEBUG="1"),
            llmhub("arena", "backfill", LLMHUB_ARENA_SOURCE_URL=f"{address}/x?token={PASSWORD}", LLMHUB_DEBUG="1"),
            llmhub("arena", "backfill", LLMHUB_ARENA_SOURCE_URL=f"ftp://user:{PASSWORD}@127.0.0.1", LLMHUB_DEBUG="1"),
            llmhub("arena", "backfill", HTTPS_PROXY=f"foo://user:{PASSWORD}@127.0.0.1:9", LLMHUB_DEBUG="1"),
            llmhub("arena", "import", path, LLMHUB_DEBUG="1"),
        ]
    assert [run.returncode for run in runs] == [0, 1, 1, 1, 0]
    require_unseen(tmp_path, *(run.stdout + run.stderr for run in runs))

"""What a command tells its user to do: it has to help in that user's case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from llmhub.catalog.schema import ProviderStatus, SourceState, SourceStatus
from llmhub.cli.catalog.current import say_if_empty
from tests.conftest import Llmhub
from tests.support.made_up.models import catalog_of
from tests.support.processes.commands import error_line, utc_now


def say_of(
    capsys: pytest.CaptureFixture[str], state: SourceState, reason: str | None, *providers: ProviderStatus
) -> str:
    """Return the line of `catalog show` about a catalog without models that was built just now."""
    source = SourceStatus(source="anyllm", status=state, reason=reason)
    built = catalog_of(sources=(source,), providers=providers, built_at=utc_now() - timedelta(minutes=1))
    say_if_empty(built)
    return capsys.readouterr().err


def test_an_empty_catalog_says_what_would_fill_it(capsys: pytest.CaptureFixture[str]) -> None:
    lacking = ProviderStatus(provider="groq", callable=False, configured=False, key_variables=("GROQ_API_KEY",))
    refused = ProviderStatus(provider="groq", callable=False, configured=True, failed=True, reason="HTTP 401")
    offline = say_of(capsys, "skipped", "LLMHUB_OFFLINE is set")
    assert offline == (
        "no model can be called: providers are not asked while LLMHUB_OFFLINE is set: unset it, and run "
        "`llmhub catalog refresh`\n"
    )
    assert "set a provider's key, such as GROQ_API_KEY, or start a local server" in say_of(capsys, "ok", None, lacking)
    assert "no provider that has a key or an address here listed one" in say_of(capsys, "ok", None, lacking, refused)
    assert "any-llm cannot be imported" in say_of(capsys, "failed", "any-llm cannot be imported")


def test_an_empty_store_offline_is_not_to_be_refreshed_offline(llmhub: Llmhub) -> None:
    said = error_line(llmhub("arena", "show", LLMHUB_OFFLINE="1"), code=2)
    assert said.endswith("run `llmhub arena refresh` without LLMHUB_OFFLINE, or `llmhub arena import`")
    listed = llmhub("arena", "history", LLMHUB_OFFLINE="1")
    assert listed.stderr == f"{said}\n"

"""The packages that providers need."""

from __future__ import annotations

from llmhub.catalog.providers.packages import pip_line
from llmhub.catalog.schema import ProviderStatus
from llmhub.installation import install_line


def test_the_pip_line_leaves_out_what_nobody_set_anything_for_unless_asked() -> None:
    def needing(name: str, *, configured: bool) -> ProviderStatus:
        return ProviderStatus(provider=name, callable=False, configured=configured, needs_extra=name)

    statuses = [
        needing("mistral", configured=True),
        needing("cohere", configured=False),
        needing("gemini", configured=True),
    ]
    assert pip_line(statuses) == install_line("gemini", "mistral")
    assert pip_line(statuses, unconfigured=True) == install_line("cohere", "gemini", "mistral")
    assert pip_line(statuses[1:2]) is None

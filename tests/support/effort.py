"""How much the tests try of what could be tried without an end: some of it by default, far more every night.

`LLMHUB_TESTS=nightly python -m pytest` tries what CONTRIBUTING.md says.
"""

from __future__ import annotations

import os

SETTING = "LLMHUB_TESTS"
PROFILES = ("ci", "nightly")
PROFILE = os.environ.get(SETTING, "ci")

if PROFILE not in PROFILES:
    raise ValueError(f"{SETTING} is {PROFILE!r}, expected one of: {', '.join(PROFILES)}")


def by_profile(*, ci: int, nightly: int) -> int:
    """Return how many of something are tried in this run."""
    return nightly if PROFILE == "nightly" else ci

"""How many cases open-ended tests try: some in the profile `ci`, the default, and far more in `nightly`.

`LLMHUB_TESTS=nightly python -m pytest` chooses the profile; CONTRIBUTING.md has the numbers.
"""

from __future__ import annotations

import os

SETTING = "LLMHUB_TESTS"
PROFILES = ("ci", "nightly")
PROFILE = os.environ.get(SETTING, "ci")

if PROFILE not in PROFILES:
    raise ValueError(f"{SETTING} is {PROFILE!r}, expected one of: {', '.join(PROFILES)}")


def by_profile(*, ci: int, nightly: int) -> int:
    """Return the number for the profile of this run."""
    return nightly if PROFILE == "nightly" else ci

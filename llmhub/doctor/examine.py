"""Check all parts, one after the other; a failure in one does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from llmhub.doctor import catalog, keys, network, places, remote, store, versions
from llmhub.doctor.findings import Examination, Finding, Look
from llmhub.errors import LlmhubError, printable


def examine(*, offline: bool = False, seconds: float = network.SECONDS) -> Examination:
    """Check versions, settings, store, script, catalog, keys and network. Nothing is made, written or run.

    Args:
        offline: ask no server, as with LLMHUB_OFFLINE.
        seconds: how long a server may take to answer.
    """
    looks: Mapping[str, Mapping[str, Look]] = {
        "versions": {"versions": versions.look},
        "settings": {"settings": places.look_at_settings},
        "folders": {"folders": places.look_at_folders},
        "store": {"store": store.look, "refresh": store.look_at_refreshes},
        "script": {"script": places.look_at_script},
        "catalog": {"catalog.json": catalog.look, "overrides.json": catalog.look_at_overrides},
        "keys": {"providers": keys.look},
        "network": {
            "environment": network.look_at_environment,
            "servers": partial(network.look, offline=offline, seconds=seconds),
            "remote": partial(remote.look, offline=offline),
        },
    }
    return Examination(
        {
            part: tuple(found for name, look in each.items() for found in _seen(name, look))
            for part, each in looks.items()
        }
    )


def _seen(name: str, look: Look) -> list[Finding]:
    """Return a check's findings; if the check itself fails, that is a finding too."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except LlmhubError as error:
        found.append(Finding("error", name, str(error)))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        found.append(Finding("error", name, printable(f"{where}{error.strerror or error}"), "make it readable"))
    return found

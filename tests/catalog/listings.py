"""Listings made by a process of its own: the real any-llm, in an environment that holds only what a test sets.

any-llm takes over a second to import, so one process serves several tests.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers.http import Response, ok

PATIENCE = 120
"""Seconds after which the process is taken to hang; what blocks in these tests does so for far longer."""

CANARY = "sk-made-up-CANARY"
"""How every key begins that a test sets: it must come out nowhere."""

_LIST = """
import json, resource, sys
sys.path[:0] = sys.argv[2:]
from llmhub.catalog import anyllm_source
from llmhub.catalog.providers.packages import pip_line
listing = anyllm_source.list_providers(deadline=float(sys.argv[1]))
print(json.dumps({
    "models": [[model.provider, model.model_id] for model in listing.models],
    "providers": [status.model_dump() for status in listing.providers],
    "key_variables": listing.key_variables,
    "known_key_variables": listing.known_key_variables,
    "status": listing.status.model_dump(mode="json"),
    "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    "pip_line": pip_line(listing.providers),
}))
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What the process made, and all that it wrote."""

    document: Mapping[str, Any]
    stdout: str
    stderr: str

    def status(self, provider: str) -> Mapping[str, Any]:
        (found,) = [status for status in self.document["providers"] if status["provider"] == provider]
        return dict(found)

    def reason(self, provider: str) -> str | None:
        reason: str | None = self.status(provider)["reason"]
        return reason

    def failed(self) -> set[str]:
        return {status["provider"] for status in self.document["providers"] if status["failed"]}

    def ids(self, provider: str) -> list[str]:
        return [model_id for name, model_id in self.document["models"] if name == provider]


def make_listing(home: Path, variables: Mapping[str, str], *, deadline: float, packages: Path | None = None) -> Made:
    """Run `list_providers` in a new process and return what came of it.

    Args:
        home: where the user is at home.
        variables: the environment, apart from what a process needs to run.
        deadline: how many seconds each provider has.
        packages: a folder with made-up packages to import.
    """
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONWARNINGS": "default", **variables}
    words = [_LIST, str(deadline), *([] if packages is None else [str(packages)])]
    job = Job("tests.support.processes.forks:run_code", words, environment, str(REPOSITORY), patience=PATIENCE)
    return _made(shared_forks().run(job).run)


def _made(run: subprocess.CompletedProcess[str]) -> Made:
    assert run.returncode == 0, run.stderr
    return Made(json.loads(run.stdout), run.stdout, run.stderr)


def as_json(document: object) -> Response:
    """Return an answer with this JSON."""
    return ok(json.dumps(document).encode(), content_type="application/json")


def openai_models(*entries: object) -> Response:
    """Return a list in OpenAI's shape: of entries as they are, or of ids."""
    made = [
        {"id": entry, "object": "model", "created": 1, "owned_by": "made-up"} if isinstance(entry, str) else entry
        for entry in entries
    ]
    return as_json({"object": "list", "data": made})


def key(provider: str) -> str:
    """Return a key for a provider that no test may see again."""
    return f"{CANARY}-{provider}"

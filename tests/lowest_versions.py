"""Prove the lower bounds that pyproject.toml declares, in an environment that has just these versions.

.ci/run makes the environment (`uv pip install --resolution lowest-direct`) and runs this file with its Python: each
declared package must be there in its lowest version, and the demonstration and a command of each group must do what
they do with the newest ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

DISTRIBUTION = "llmhub-catalog"
EXTRAS = ("", "charts")

# At least one of each group, and of each package that is imported when it is needed.
COMMANDS = (
    "--version",
    "arena status",
    "arena show --top 3",
    "arena diff",
    "arena history fictional-pro-3",
    "arena movers 2025-10-13",
    "arena plot --top 3 -o chart.svg",
    "arena plot --top 3 -o chart.html",
    "arena export -o exported --format parquet",
    "arena import exported/text/latest-00000-of-00001.parquet",
    "arena prune --keep-last 20",
    "arena verify",
    "arena repair",
    "arena backup copy.db",
    "catalog show",
    "catalog explain openai/fictional-pro-3",
    "catalog providers",
    "completion bash",
    "doctor --offline",
    "report -o site",
)


def lowest(requirement: Requirement) -> Version:
    """Return the lowest version that a requirement allows.

    Raises:
        ValueError: it has no lower bound.
    """
    for one in requirement.specifier:
        if one.operator in {">=", "==", "~="}:
            return Version(one.version)
    raise ValueError(f"{requirement} has no lower bound")


def wrong_versions() -> list[str]:
    """Return which declared packages are here in another version than their lowest."""
    declared = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    wanted = [one for one in declared if any(not one.marker or one.marker.evaluate({"extra": it}) for it in EXTRAS)]
    return [
        f"{one} is declared, and {metadata.version(one.name)} is here"
        for one in wanted
        if one.name != DISTRIBUTION and Version(metadata.version(one.name)) != lowest(one)
    ]


def run(*words: str, **variables: str) -> None:
    """Run the `llmhub` command of this environment; what it printed is shown if it fails.

    Raises:
        SystemExit: it failed.
    """
    command = [str(Path(sys.executable).with_name("llmhub")), *words]
    # Each command would else compile all that it imports again.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, env=kept | variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    # 3: `doctor` has something to say of an environment without keys.
    if done.returncode not in {0, 3}:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Check the versions, and run the commands in an empty folder."""
    if wrong := wrong_versions():
        sys.exit("\n".join(wrong))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run("demo", "--keep", "kept", LLMHUB_CONFIG_DIR=str(Path(folder, "none")))
        for command in COMMANDS:
            run(*command.split(), LLMHUB_OFFLINE="1", LLMHUB_CONFIG_DIR=str(Path(folder, "kept", "config")))
        os.chdir("/")
    print(f"the demonstration and {len(COMMANDS)} commands work with the lowest versions on {sys.version.split()[0]}")


if __name__ == "__main__":
    main()

"""Where llmhub keeps its files, and the values of the LLMHUB_* variables; no other module reads these.

Nothing here creates a file or a folder.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from llmhub.errors import PathError, SettingsError

ARENA_SOURCE_URL = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
"""The published dataset's address; the vendored script has the same default."""

MODELSDEV_URL = "https://models.dev/api.json"
"""Where models.dev publishes its catalog, in one JSON document."""

LITELLM_URL = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
"""Where LiteLLM publishes its price map, in one JSON document."""

ARENA_LEADERBOARDS = ("text", "text-style-control", "vision", "vision-style-control", "text-to-image")
"""The leaderboards that a refresh brings by default; the vendored script has the same list."""

DEFAULT_SCRIPT_TIMEOUT_SECONDS = 300.0

CURRENT_FOLDER_IS_GONE = "the current folder is gone: change to another one"
"""What is wrong with a relative path after somebody removed the current folder."""

_PACKAGE = Path(__file__).resolve().parent
_LEADERBOARD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_OFF = frozenset({"", "0", "false", "no", "off"})


def setting(name: str) -> str:
    """Return the value of an LLMHUB_* variable without surrounding spaces; empty if it is unset."""
    return os.environ.get(name, "").strip()


def config_dir() -> Path:
    """Return the folder of catalog.json, overrides.json and arena/: LLMHUB_CONFIG_DIR or the system's choice.

    Raises:
        SettingsError: the variable cannot be used, or is unset where the user has no home folder.
    """
    if chosen := _chosen("LLMHUB_CONFIG_DIR"):
        return chosen
    # This import costs as much as reading a board from the store, so it is skipped if the variable is set.
    from platformdirs import user_config_path

    try:
        folder = user_config_path("llmhub")
    except RuntimeError:
        folder = Path("~")
    # Without a home folder, some versions raise an error and others return a path that begins with "~".
    if not folder.is_absolute():
        raise SettingsError(
            "this user has no home folder: set LLMHUB_CONFIG_DIR to a folder in which llmhub may keep its files"
        )
    return folder


def _chosen(variable: str) -> Path | None:
    """Return the path that a variable names; None if it is unset.

    Raises:
        SettingsError: see `absolute`.
    """
    text = os.environ.get(variable)
    return absolute(text, named=variable) if text else None


def absolute(path: str | os.PathLike[str], *, named: str | None = None) -> Path:
    """Return a given path as an absolute one; ~ stands for a home folder.

    Args:
        path: the path.
        named: the variable that it comes from, if it comes from one.

    Raises:
        PathError: its home folder does not exist, or it is relative and the current folder is gone.
        SettingsError: the same, for a path from a variable.
    """
    given = f"{named} is {os.fspath(path)!r}" if named else f"the path {os.fspath(path)!r} was given"
    error = SettingsError if named else PathError
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise error(f"{given}, and there is no such home: write the path out") from None
    except FileNotFoundError:
        raise error(f"{given}, and {CURRENT_FOLDER_IS_GONE}, or write the path out") from None


def catalog_file() -> Path:
    """Return the path of the last built catalog."""
    return config_dir() / "catalog.json"


def whole_catalog_file() -> Path:
    """Return the path of the kept catalog of every offer."""
    return config_dir() / "offers.kept"


def past_catalog_file(*, whole: bool) -> Path:
    """Return the path of the kept catalog of a past moment, of every offer or of the models that could be called."""
    return config_dir() / ("past-offers.kept" if whole else "past.kept")


def lives_file() -> Path:
    """Return the path of the kept lives of the offers that end."""
    return config_dir() / "lives.kept"


def overrides_file() -> Path:
    """Return the path of the user's own corrections to the matches."""
    return config_dir() / "overrides.json"


def modelsdev_file() -> Path:
    """Return the path of the last good copy of models.dev's document."""
    return config_dir() / "modelsdev.json"


def litellm_file() -> Path:
    """Return the path of the last good copy of LiteLLM's price map."""
    return config_dir() / "litellm.json"


def pager() -> str | None:
    """Return the command that shows long output: LLMHUB_PAGER, else PAGER; None if neither is set, empty for none."""
    for name in ("LLMHUB_PAGER", "PAGER"):
        if name in os.environ:
            return setting(name)
    return None


def made_up_file() -> Path:
    """Return the path of the file by which the demonstration marks the folder's data as made up."""
    return config_dir() / "made-up.txt"


def modelsdev_url() -> str:
    """Return the address of models.dev's document: LLMHUB_MODELSDEV_URL or the web site's.

    Raises:
        SettingsError: the variable is not an http or https address.
    """
    return _address("LLMHUB_MODELSDEV_URL", MODELSDEV_URL)


def litellm_is_off() -> bool:
    """Say whether LLMHUB_LITELLM_URL is `off`: LiteLLM's price map is then not asked for."""
    return setting("LLMHUB_LITELLM_URL").lower() == "off"


def litellm_url() -> str | None:
    """Return the address of LiteLLM's price map: LLMHUB_LITELLM_URL or its repository's; None if it is `off`.

    Raises:
        SettingsError: the variable is neither `off` nor an http or https address.
    """
    if litellm_is_off():
        return None
    return _address("LLMHUB_LITELLM_URL", LITELLM_URL)


def arena_source_url() -> str:
    """Return the base address of the dataset's files, without a slash at its end.

    Raises:
        SettingsError: LLMHUB_ARENA_SOURCE_URL is not an http or https address.
    """
    return _address("LLMHUB_ARENA_SOURCE_URL", ARENA_SOURCE_URL).rstrip("/")


def _address(variable: str, default: str) -> str:
    text = setting(variable)
    if not text:
        return default
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # The message leaves out the value: in a malformed address, a password can stand anywhere.
        raise SettingsError(f"{variable} is not an http or https address: set it to one, or unset it")
    return text


def arena_dir() -> Path:
    """Return the folder of arena.db, the refresh lock and running scripts' folders."""
    if chosen := _chosen("LLMHUB_ARENA_CACHE_DIR"):
        return chosen
    return config_dir() / "arena"


def arena_db() -> Path:
    """Return the path of the arena store."""
    return arena_dir() / "arena.db"


def arena_script() -> Path:
    """Return the update script to run: LLMHUB_ARENA_SCRIPT or the vendored one."""
    if chosen := _chosen("LLMHUB_ARENA_SCRIPT"):
        return chosen
    return _shipped("_vendor", "vendor") / "arena" / "update_leaderboard_data.py"


def arena_timeout() -> float:
    """Return how many seconds the update script may take: LLMHUB_ARENA_TIMEOUT or 300.

    Raises:
        SettingsError: the variable is not a positive, finite number.
    """
    text = os.environ.get("LLMHUB_ARENA_TIMEOUT")
    if not text:
        return DEFAULT_SCRIPT_TIMEOUT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise SettingsError(f"LLMHUB_ARENA_TIMEOUT is {text!r}: set it to a positive number of seconds, or unset it")
    return seconds


def arena_leaderboards() -> tuple[str, ...]:
    """Return the leaderboards that a refresh brings: LLMHUB_ARENA_LEADERBOARDS, with `text` first, or the usual five.

    Raises:
        SettingsError: the variable holds something that cannot be the name of a leaderboard.
    """
    names = [name.strip().replace("_", "-") for name in setting("LLMHUB_ARENA_LEADERBOARDS").split(",")]
    named = [name for name in names if name]
    for name in named:
        if not _LEADERBOARD.fullmatch(name):
            raise SettingsError(
                f"LLMHUB_ARENA_LEADERBOARDS names {name!r}: set it to names such as text or text-to-image with commas "
                "between, or unset it"
            )
    return tuple(dict.fromkeys(("text", *(named or ARENA_LEADERBOARDS))))


def remote_url() -> str | None:
    """Return the address of the store that a team shares, LLMHUB_REMOTE_URL; None if it is unset.

    It may hold a password: `llmhub.remote.address.parse` returns what may be shown of it.
    """
    return setting("LLMHUB_REMOTE_URL") or None


def offline() -> bool:
    """Say whether LLMHUB_OFFLINE asks for no network at all: any value but 0, false, no, off and empty."""
    return os.environ.get("LLMHUB_OFFLINE", "").strip().lower() not in _OFF


def providers() -> tuple[str, ...] | None:
    """Return the any-llm names that LLMHUB_PROVIDERS allows, each once; None (all of them) if it is unset.

    Raises:
        SettingsError: the variable is set and holds no name.
    """
    text = os.environ.get("LLMHUB_PROVIDERS")
    if not text:
        return None
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip().lower())))
    if not names:
        raise SettingsError(f"LLMHUB_PROVIDERS is {text!r}: set it to any-llm names with commas between, or unset it")
    return names


def migrations_dir() -> Path:
    """Return the folder of this program's own alembic migrations."""
    return _shipped("_migrations", "migrations")


def remote_migrations_dir() -> Path:
    """Return the folder of the alembic migrations of remotes in PostgreSQL, a branch of their own."""
    return migrations_dir() / "remote"


def _shipped(inside: str, beside: str) -> Path:
    """Find a folder that lies inside the package in a wheel, and beside it in a checkout.

    Beside an installed package lie other projects' packages. So that place counts only if a pyproject.toml shows that
    it is a checkout.

    Raises:
        SettingsError: this installation has neither.
    """
    if (packaged := _PACKAGE / inside).is_dir():
        return packaged
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / beside).is_dir():
        return checkout / beside
    from llmhub.installation import install_line

    raise SettingsError(f"this installation of llmhub is incomplete: {packaged} is missing; {install_line(again=True)}")

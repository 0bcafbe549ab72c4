"""All errors that llmhub raises on purpose, and how text from outside is made safe to print.

Each error's message is one line: what happened, where, and what to do next.
"""

from __future__ import annotations


def printable(text: str, limit: int | None = None) -> str:
    r"""Return `text` with every character escaped that could control a terminal or forge a log line.

    Model names, categories and a script's messages come from outside: control characters, direction marks and
    line breaks in them become visible escapes such as ``\x1b`` or ``\u202e``. Of a text longer than `limit`
    characters the beginning is kept, followed by an ellipsis.

    Examples:
        >>> printable("gpt-4o\x1b[31m")
        'gpt-4o\\x1b[31m'
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Return a count with its noun: `1 model`, `2 models`; `things` is the plural if it needs more than an s."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


class LlmhubError(Exception):
    """Base of every error that llmhub raises on purpose; its text is one harmless line."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class LittleMemoryError(LlmhubError):
    """The process got no more memory; the work under way was not done."""


class SettingsError(LlmhubError):
    """An LLMHUB_* variable has a value that cannot be used."""


class PathError(LlmhubError):
    """A given path cannot be resolved: its home folder or the current folder does not exist."""


class OverridesError(SettingsError):
    """The user's overrides.json cannot be used."""


class PayloadError(LlmhubError):
    """A leaderboard file is missing, malformed or inconsistent."""


class ScriptError(LlmhubError):
    """The update script could not be run, failed, or left nothing usable."""


class RefreshError(LlmhubError):
    """A refresh could not bring a new snapshot; the store is as it was before."""


class SourceError(LlmhubError):
    """A source of the catalog gave nothing usable."""


class CacheError(LlmhubError):
    """A file in the configuration folder could not be read or written."""


class StoreError(LlmhubError):
    """The store cannot be used as asked."""


class StoreUnusableError(StoreError):
    """The file is damaged, unreadable, newer than the program, or not llmhub's; it was not touched."""


class StoreDamagedError(StoreUnusableError):
    """The file is or was llmhub's, and its content is damaged."""


class StoreReadOnlyError(StoreError):
    """The store would have to be written, and this process is not allowed to."""


class StoreBusyError(StoreError):
    """Another process kept the file locked for too long; the transaction wrote nothing."""


class StoreFullError(StoreError):
    """There is no room to write the store; the transaction under way wrote nothing."""


class SnapshotConflictError(StoreError):
    """A snapshot of this source and moment exists already, with a different board."""


class RemoteError(LlmhubError):
    """The remote, a store that a team shares, cannot be used as asked; its messages hold no password."""


class RemoteUnreachableError(RemoteError):
    """The remote does not answer, or was lost on the way; what it took so far are whole snapshots."""


class RemoteFormatError(RemoteError):
    """The remote has another format than this program, or none yet."""


class RemoteReadOnlyError(RemoteError):
    """The remote, or this role, may only be read."""


class UnprovenError(LlmhubError):
    """What a remote says does not keep the store's rules, or does not have the digest that it should have."""


class InvalidScoreError(LlmhubError, ValueError):
    """A score or snapshot breaks one of the store's rules."""


class InvalidOfferError(LlmhubError, ValueError):
    """An offer or a listing given to the store breaks one of its rules."""


class OutputError(LlmhubError):
    """An output file cannot be written."""


class FileInTheWayError(OutputError):
    """A file would have to be overwritten, and the caller did not ask for that."""


class ExtraMissingError(LlmhubError):
    """A function needs packages that an extra of llmhub installs."""


class InvalidPolicyError(LlmhubError, ValueError):
    """A pruning policy would keep nothing."""


class NotFoundError(LlmhubError, LookupError):
    """The store does not have what was asked for."""


class InvalidReferenceError(LlmhubError, ValueError):
    """A text is not a valid reference to a snapshot."""


class SnapshotNotFound(NotFoundError):  # noqa: N818 -- the design's name, which others' programs catch
    """No snapshot matches the reference; the message names those that exist."""


class BoardNotFoundError(NotFoundError):
    """No snapshot has the board."""


class ModelNotFoundError(NotFoundError):
    """No snapshot has the model on the board."""


class PathNotFoundError(NotFoundError):
    """A given file or folder does not exist."""


class BaselineError(LlmhubError):
    """A file of known findings cannot be read, or is not one."""


class NothingKnownError(NotFoundError):
    """The store has nothing by which an audit could find anything."""

"""Every error that a user can cause, and how text from outside is made harmless in a message.

Each error's message is one line that says what happened, where, and what to do next.
"""

from __future__ import annotations


def printable(text: str, limit: int | None = None) -> str:
    r"""Return `text` with everything that could drive a terminal or a log written as an escape.

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


class LlmhubError(Exception):
    """Base of every error that llmhub raises on purpose; its text is one harmless line."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class LittleMemoryError(LlmhubError):
    """The process may have no more memory; what was under way was not done."""


class SettingsError(LlmhubError):
    """An LLMHUB_* variable has a value that cannot be used."""


class PathError(LlmhubError):
    """A path that was given leads nowhere: the home that it begins with, or the current folder, is not there."""


class OverridesError(SettingsError):
    """The user's overrides.json cannot be used."""


class PayloadError(LlmhubError):
    """A leaderboard file is missing, malformed or inconsistent."""


class ScriptError(LlmhubError):
    """The update script could not be run, failed, or left nothing usable."""


class RefreshError(LlmhubError):
    """A refresh could not bring a new snapshot; the store is as it was before."""


class SourceError(LlmhubError):
    """A source of the catalog gave nothing that can be used."""


class CacheError(LlmhubError):
    """A file in the configuration folder could not be read or written."""


class StoreError(LlmhubError):
    """The store cannot be used as asked."""


class StoreUnusableError(StoreError):
    """The file is damaged, unreadable, newer than the program, or not llmhub's; it was not touched."""


class StoreDamagedError(StoreUnusableError):
    """The file is llmhub's, or was, and what stands in it is not whole."""


class StoreReadOnlyError(StoreError):
    """The store would have to be written, and this process may not."""


class StoreBusyError(StoreError):
    """Another process kept the file locked for as long as was waited; the transaction has written nothing."""


class StoreFullError(StoreError):
    """There is no room to write the store; the transaction that was under way has written nothing."""


class SnapshotConflictError(StoreError):
    """A snapshot of this source and moment is there already, with a different board."""


class InvalidScoreError(LlmhubError, ValueError):
    """A score or a snapshot given to the store breaks one of its rules."""


class InvalidOfferError(LlmhubError, ValueError):
    """An offer or a listing given to the store breaks one of its rules."""


class OutputError(LlmhubError):
    """A file that was asked for cannot be written."""


class FileInTheWayError(OutputError):
    """A file would have to be written over, and nobody asked for that."""


class ExtraMissingError(LlmhubError):
    """What was asked for needs packages that are installed with an extra of llmhub."""


class InvalidPolicyError(LlmhubError, ValueError):
    """A policy for pruning that would keep nothing."""


class NotFoundError(LlmhubError, LookupError):
    """What was asked for is not in the store."""


class InvalidReferenceError(LlmhubError, ValueError):
    """A text that is none of the forms that name a snapshot."""


class SnapshotNotFound(NotFoundError):  # noqa: N818 -- the design's name, which others' programs catch
    """No snapshot answers the reference; the message names what exists."""


class BoardNotFoundError(NotFoundError):
    """No snapshot has the board asked for."""


class ModelNotFoundError(NotFoundError):
    """No snapshot has the model on the board asked for."""

"""Decides which failed requests are retried, and how long to wait before each retry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from llmhub.errors import SourceError

if TYPE_CHECKING:
    from threading import Event

    import httpx
    from tenacity import RetryCallState

Result = TypeVar("Result")

_TOO_MANY_REQUESTS = 429
_SECONDS_READ_WELL = _MINUTES_READ_WELL = 180


class TransientError(SourceError):
    """A failure that another try may not meet, and how many seconds the server asks to wait before it."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def is_transient(response: httpx.Response) -> bool:
    """Return whether an answer asks to come back later: HTTP 429 or any error of the server's own (5xx)."""
    return response.status_code == _TOO_MANY_REQUESTS or response.is_server_error


def retry_later_error(response: httpx.Response, redirect: str = "") -> TransientError:
    """Return the error for an answer that asks to come back later, with how long the server asks to wait.

    Args:
        response: the answer.
        redirect: how the message begins: the redirect that led to the answer, or nothing.
    """
    asked = seconds_asked(response)
    wish = f", and asks to wait {_length(asked)}" if asked >= 1 else ""
    return TransientError(f"{redirect}answered HTTP {response.status_code}{wish}", asked)


def seconds_asked(response: httpx.Response) -> float:
    """Return how many seconds a Retry-After header asks to wait; 0 if it has none that can be read."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    # A date with the zone "-0000" comes back naive; HTTP's dates are in GMT.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)) / timedelta(seconds=1))


def retried(
    attempt: Callable[[], Result],
    *,
    last: Callable[[RetryCallState], bool],
    pause: Callable[[RetryCallState], float],
    until: Event | None = None,
) -> Result:
    """Return what `attempt` returns; after a `TransientError` wait and call it again.

    Args:
        attempt: one try.
        last: returns whether the try that just failed was the last one.
        pause: returns how many seconds to wait before the next try; see `longest_of`.
        until: ends a pause when it is set.

    Raises:
        SourceError: what the last try raised, or any try that raised something else than a `TransientError`.
    """
    # A process that downloads nothing never gets here.
    from tenacity import Retrying, retry_if_exception_type, sleep, sleep_using_event

    return Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=last,
        wait=pause,
        sleep=sleep if until is None else sleep_using_event(until),
        reraise=True,
    )(attempt)


def longest_of(own: float, state: RetryCallState) -> float:
    """Return the longer one of two pauses: `own`, or the one that the server asked for with the failed try."""
    error = state.outcome.exception() if state.outcome else None
    return max(error.retry_after if isinstance(error, TransientError) else 0.0, own)


def _length(seconds: float) -> str:
    """Return a time as people read it: `75 s`, `60 min`, `48 h`."""
    if seconds < _SECONDS_READ_WELL:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < _MINUTES_READ_WELL else f"{minutes / 60:,.0f} h"

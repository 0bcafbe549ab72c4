"""Formats of numbers, moments and outside names on a page; pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

from markupsafe import Markup

from llmhub.errors import printable
from llmhub.offers.prices import price_text

UNKNOWN = "unknown"

_MINUS = "−"  # noqa: RUF001 -- a minus
_LONGEST = 90
_SMALL = 10


def name(text: str) -> str:
    """Return an outside name with characters that control a terminal or the text's direction escaped."""
    return printable(text)


def short(text: str) -> str:
    """Return a name as `name` does, cut if it is too long for a table."""
    return printable(text, _LONGEST)


def parted(text: str) -> Markup:
    """Return an id as `short` does, as HTML that is broken after its slashes first."""
    return Markup("/<wbr>").join(short(text).split("/"))


def coded(text: str) -> Markup:
    """Return a text of llmhub's own as HTML, with what stands between backticks as code.

    Examples:
        >>> str(coded("made up by `llmhub demo`"))
        'made up by <code>llmhub demo</code>'
    """
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else Markup("{}").format(part)
        for number, part in enumerate(parts)
    )


def points(value: float | None) -> str:
    """Return rating points to a tenth."""
    return UNKNOWN if value is None else f"{value:.1f}".replace("-", _MINUS)


def signed(value: float | None) -> str:
    """Return a change in points with its sign; one that rounds to zero has none."""
    if value is None:
        return UNKNOWN
    text = f"{value:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", _MINUS)


def span(lower: float | None, upper: float | None) -> str:
    """Return an interval's two ends."""
    return UNKNOWN if lower is None and upper is None else f"{points(lower)} to {points(upper)}"


def whole(value: int | None) -> str:
    """Return a count with separators of thousands."""
    return UNKNOWN if value is None else f"{value:,}"


def dollars(value: float | None) -> str:
    """Return a price in US dollars to the cent, or with as many digits as needed; 0 is free."""
    return UNKNOWN if value is None else "free" if value == 0 else price_text(value)


def blended(value: float | None) -> str:
    """Return a computed price: to the cent, or below a dollar to three significant digits."""
    if value is None or value == 0:
        return UNKNOWN if value is None else "free"
    cents = f"{value:.2f}"
    return cents if value >= 1 or float(cents) == float(f"{value:.3g}") else f"{value:.3g}"


def day(value: date | datetime | None) -> str:
    """Return a date as people read it."""
    return UNKNOWN if value is None else f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """Return a moment in UTC, to the minute."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def listed(values: tuple[str, ...]) -> str:
    """Return outside words separated by commas."""
    return ", ".join(map(printable, values)) or UNKNOWN


def share(ratio: float) -> str:
    """Return a part of a whole: to the percent, or of a small one to a tenth."""
    return f"{100 * ratio:.0f} %" if 100 * ratio >= _SMALL else f"{100 * ratio:.1f} %"


def percent(ratio: float | None) -> str:
    """Return a relative change with its sign: to the percent, or of a small one to a tenth."""
    if ratio is None:
        return UNKNOWN
    value = 100 * ratio
    return f"{value:+.1f} %".replace("-", _MINUS) if abs(value) < _SMALL else f"{value:+,.0f} %".replace("-", _MINUS)

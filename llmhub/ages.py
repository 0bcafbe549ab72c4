"""Write lengths of time as people read them."""

from __future__ import annotations

from datetime import timedelta

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# From here on, days are easier to read than hours.
_HOURS_SHOWN = 72


def age_text(age: timedelta) -> str:
    """Return a length of time in minutes, hours or days.

    Examples:
        >>> age_text(timedelta(minutes=12)), age_text(timedelta(hours=26.5)), age_text(timedelta(days=5))
        ('12 min', '26.5 h', '5 days')
    """
    if age < _HOUR:
        return f"{age / timedelta(minutes=1):.0f} min"
    hours = age / _HOUR
    return f"{f'{hours:,.1f}'.removesuffix('.0')} h" if hours < _HOURS_SHOWN else f"{age / _DAY:,.0f} days"


def how_old(age: timedelta) -> str:
    """Return how old something is; a negative age is one of the future.

    Examples:
        >>> how_old(timedelta(hours=48)), how_old(timedelta(hours=-2))
        ('48 h old', 'dated 2 h in the future')
    """
    return f"{age_text(age)} old" if age >= timedelta() else f"dated {age_text(-age)} in the future"


def days_ago(age: timedelta) -> str:
    """Return how many whole days ago something was.

    Examples:
        >>> days_ago(timedelta(hours=5)), days_ago(timedelta(days=1)), days_ago(timedelta(days=20))
        ('today', '1 day ago', '20 days ago')
    """
    return "today" if age.days < 1 else f"{age.days:,} day{'s' if age.days > 1 else ''} ago"

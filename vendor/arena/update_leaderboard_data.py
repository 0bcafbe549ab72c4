"""Download the newest published LMArena leaderboards into ./data, as upstream's script of this name does.

Run it without arguments in a directory that contains ``data/``. It downloads the ``latest`` split of the LMArena
leaderboard dataset (CC-BY-4.0) and writes upstream's five JSON files and ``leaderboard-meta.json``.
LLMHUB_ARENA_LEADERBOARDS names other leaderboards instead of these five; ``text`` is always included.

The script imports nothing of llmhub: the program that runs it needs only its exit code and its files. README.md beside
it states the contract. Exit codes: 0 done, 1 failed (nothing usable was written), 2 wrong usage, 130 interrupted.
"""

import ipaddress
import json
import math
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import duckdb
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

# httpx works without its command line, which would import all of rich: a fifth of a run's time.
sys.modules["httpx._main"] = None  # type: ignore[assignment]
import httpx  # noqa: E402

SOURCE_VARIABLE = "LLMHUB_ARENA_SOURCE_URL"
LEADERBOARDS_VARIABLE = "LLMHUB_ARENA_LEADERBOARDS"
DEFAULT_SOURCE = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
DATA = Path("data")
META_FILE = "leaderboard-meta.json"
PARQUET_FILE = "latest-00000-of-00001.parquet"
REQUIRED = "text"
# The subsets beside the required one, unless LLMHUB_ARENA_LEADERBOARDS names others.
USUAL = ("text_style_control", "vision", "vision_style_control", "text_to_image")
# The one subset whose file has another name in upstream's script.
UPSTREAM_FILES = {"text_to_image": "leaderboard-image.json"}
SUBSET = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
MOST_SUBSETS = 64
OVERALL = "overall"
# Dataset category -> upstream's key for the same board; all other categories have the same name in both.
UPSTREAM_KEYS = {
    OVERALL: "full",
    "hard_prompts": "hard_6",
    "hard_prompts_english": "hard_english_6",
    "instruction_following": "if",
    "longer_query": "long_user",
    "multi_turn": "multiturn",
    "exclude_ties": "no_tie",
}
TEXT_TYPES = ("VARCHAR",)
FLOAT_TYPES = ("DOUBLE", "FLOAT")
INTEGER_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
# Required column -> the DuckDB types that it may have, in the order in which rows are read.
COLUMNS = {
    "model_name": TEXT_TYPES,
    "organization": TEXT_TYPES,
    "license": TEXT_TYPES,
    "rating": FLOAT_TYPES,
    "rating_lower": FLOAT_TYPES,
    "rating_upper": FLOAT_TYPES,
    "vote_count": FLOAT_TYPES + INTEGER_TYPES,
    "category": TEXT_TYPES,
    "leaderboard_publish_date": TEXT_TYPES,
}
# The names of these columns in the subsets of agents.
AGENT_COLUMNS = {
    "rating": "score",
    "rating_lower": "score_ci_lower",
    "rating_upper": "score_ci_upper",
    "vote_count": "observation_count",
}
# Columns that a file of agents may lack, and the value that each row then has; null is unknown.
ABSENT = {"organization": "NULL", "license": "NULL", "vote_count": "NULL", "category": f"'{OVERALL}'"}
MAGIC = b"PAR1"
COMMIT = re.compile(r"[0-9a-f]{7,64}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PINNABLE = re.compile(r"(?P<dataset>.+)/resolve/[^/]+")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
LATER = "try again after the next publication"


class UpdateError(Exception):
    """A foreseeable failure; the message says in one line what failed, where, and what to do next."""


class TransientError(UpdateError):
    """A failure that another try may avoid; ``retry_after`` is how many seconds the server asks to wait, if it does."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep the message and how many seconds the server asked to wait."""
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on time and size. Times are in seconds, sizes in bytes.

    ``total`` limits the whole run. It is less than the 300 s after which llmhub kills the script, so that a slow
    optional leaderboard is left out and ``text`` is still written.
    """

    connect: float = 10.0
    read: float = 15.0
    total: float = 240.0
    tries: int = 3
    first_pause: float = 0.5
    longest_pause: float = 20.0
    redirects: int = 5
    file_bytes: int = 64 * 1024 * 1024
    rows: int = 1_000_000
    text_bytes: int = 2_000


class Score(TypedDict):
    """One model's line on one board: upstream's three keys and ours; None where unknown."""

    rating: float
    rating_q975: float | None
    rating_q025: float | None
    vote_count: int | None
    organization: str | None
    license: str | None


@dataclass(frozen=True, slots=True)
class Publication:
    """One leaderboard's file, checked: its boards by dataset category and model, and its entry in the meta file."""

    boards: dict[str, dict[str, Score]]
    published_on: str
    rows: int
    dropped: int


def source_address(environment: Mapping[str, str]) -> httpx.URL:
    """Return the base address to download from, without trailing slash; raises UpdateError if unusable."""
    # The messages leave out the value: in a malformed address, a password can stand anywhere.
    try:
        url = httpx.URL((environment.get(SOURCE_VARIABLE, "").strip() or DEFAULT_SOURCE).rstrip("/"))
    except httpx.InvalidURL as error:
        raise UpdateError(f"{SOURCE_VARIABLE} is not an address; set it to an http or https one") from error
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise UpdateError(f"{SOURCE_VARIABLE} must be an http or https address without ? and #; set it so")
    # The system would take a greater number modulo 65536: 99999 would become port 34463.
    if url.port is not None and url.port not in range(1, 2**16):
        raise UpdateError(f"{SOURCE_VARIABLE} names a port that is not between 1 and 65535; set it so")
    return url


def shown(url: httpx.URL) -> str:
    """Return the address as it may be printed and stored: without user name and password."""
    return str(url.copy_with(username="", password=""))


def pinned(base: str, revision: str | None) -> str:
    """Return the base address for files of ``revision``, or ``base`` if it has no place for one."""
    match = PINNABLE.fullmatch(base)
    return f"{match['dataset']}/resolve/{revision}" if match and revision else base


def named_revision(headers: Mapping[str, str]) -> str | None:
    """Return the revision that an answer names; None if it names none, or one that must not be put into an address."""
    commit = headers.get("x-repo-commit", "")
    return commit if COMMIT.fullmatch(commit) else None


def seconds_asked(value: str | None, now: datetime) -> float | None:
    """Return how many seconds from ``now`` a Retry-After header asks to wait; None if it cannot be read."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    # A date with the zone "-0000" comes back naive; HTTP's dates are in GMT.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def is_local(host: str) -> bool:
    """Say whether a host is this machine or in a private network; a name that cannot be looked up is not."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]
    return any(not (getattr(address, "ipv4_mapped", None) or address).is_global for address in addresses)


def check_redirect(origin: httpx.URL, target: httpx.URL) -> None:
    """Raise UpdateError if a redirect leads from https to http, or from a public address to a local one."""
    if origin.scheme == "https" and target.scheme != "https":
        refused = f"{origin.host} redirects from https to {target.scheme}, refused"
    elif is_local(target.host) and not is_local(origin.host):
        refused = f"{origin.host} redirects from a public address to {target.host}, which is a local one, refused"
    else:
        return
    raise UpdateError(f"{refused}; check {SOURCE_VARIABLE}")


def usable_exceptions(environment: Mapping[str, str]) -> dict[str, str]:
    """Return NO_PROXY without IPv6 networks (``fd00::/8``), which make httpx fail, by the variable's name."""
    found: dict[str, str] = {}
    for name in ("no_proxy", "NO_PROXY"):
        entries = environment.get(name, "").split(",")
        if any("/" in entry and ":" in entry.partition("/")[0] and "://" not in entry for entry in entries):
            found[name] = ",".join(entry for entry in entries if "/" not in entry or "." in entry or "://" in entry)
    return found


def what_to_check(environment: Mapping[str, str]) -> str:
    """Return what to check if no connection was made: the network, and the proxies that are set."""
    proxies = [name for name in PROXY_VARIABLES if environment.get(name) or environment.get(name.lower())]
    return ", ".join(["the network", *proxies])


def check_status(response: httpx.Response, patience: float) -> None:
    """Raise unless the answer is a 200: TransientError for 429 and 5xx, else UpdateError.

    A server that asks to wait longer than ``patience`` seconds is an UpdateError: it is not asked again.
    """
    if response.status_code == httpx.codes.OK:
        return
    message = f"{response.url.host} answered HTTP {response.status_code}"
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        asked = seconds_asked(response.headers.get("retry-after"), datetime.now(UTC))
        if asked is not None and asked > patience:
            raise UpdateError(f"{message} and asks to wait {asked:,.0f} s; try again then")
        raise TransientError(f"{message}; try again later", asked)
    raise UpdateError(f"{message}; check {SOURCE_VARIABLE}")


def check_magic(path: Path) -> None:
    """Raise UpdateError unless the file is Parquet from end to end; TransientError if it only begins so."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
        file.seek(max(len(MAGIC), path.stat().st_size - len(MAGIC)))
        tail = file.read()
    if head != MAGIC:
        raise UpdateError(f"not a Parquet file (it begins with {head!r}); check {SOURCE_VARIABLE}")
    if tail != MAGIC:
        # Without a Content-Length, only this shows that a transfer broke off.
        raise TransientError("not a whole Parquet file (its end is missing); try again later")


def new_client(limits: Limits) -> httpx.Client:
    """Return an HTTP client with time-outs; raises UpdateError if proxy or CA variables are unusable."""
    # Without compression, the size limit and Content-Length count the file's own bytes.
    headers = {"User-Agent": "llmhub-arena-update", "Accept-Encoding": "identity"}
    try:
        return httpx.Client(timeout=httpx.Timeout(limits.read, connect=limits.connect), headers=headers)
    except ImportError as error:
        names = "HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
        raise UpdateError(f"a SOCKS proxy needs a package: pip install socksio, or change {names}") from error
    except (OSError, ValueError, httpx.InvalidURL) as error:
        # Their messages can hold a proxy's password.
        names = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
        raise UpdateError(f"cannot set up HTTP ({type(error).__name__}); check {names}") from error


@dataclass(frozen=True, slots=True)
class Downloader:
    """Fetches files within the limits; ``deadline`` is a reading of the monotonic clock."""

    client: httpx.Client
    limits: Limits
    deadline: float

    def fetch(self, url: str, target: Path) -> str | None:
        """Download a file and return the revision that the server named, if it did.

        Temporary failures are retried a few times. Raises UpdateError, which names the address, and OSError if
        ``target`` cannot be written.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(self.limits.tries),
            wait=self._pause,
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, target)
        except UpdateError as error:
            tries = f"failed {self.limits.tries} times: " if isinstance(error, TransientError) else ""
            raise UpdateError(f"{shown(httpx.URL(url))}: {tries}{error}") from error

    def _pause(self, state: RetryCallState) -> float:
        """Return the seconds to wait before the next try: what the server asks for, else twice the last pause."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, TransientError) else None
        own = self.limits.first_pause * 2 ** (state.attempt_number - 1)
        return min(self.limits.longest_pause, own if asked is None else asked)

    def _attempt(self, url: str, target: Path) -> str | None:
        """Try once; raises UpdateError, or TransientError where another try is worth it."""
        try:
            return self._follow(self.client.build_request("GET", url), target)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, OverflowError) as error:
            # UnicodeError and OverflowError: the resolver cannot use the host name or the port.
            raise UpdateError(f"cannot be asked for: {clipped(str(error))}; check {SOURCE_VARIABLE}") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            why = clipped(str(error)) or type(error).__name__
            raise TransientError(f"{why}; check {what_to_check(os.environ)} and {SOURCE_VARIABLE}") from error

    def _follow(self, request: httpx.Request, target: Path) -> str | None:
        """Send the request, follow redirects, and save the last answer's body."""
        # httpx must not follow redirects itself: it reads their bodies into memory, however long they are.
        revision = None
        for _ in range(self.limits.redirects + 1):
            self._check_time()
            with closing(self.client.send(request, stream=True)) as response:
                revision = revision or named_revision(response.headers)
                following = response.next_request
                if following is None:
                    check_status(response, self.limits.longest_pause)
                    self._save(response, target)
                    check_magic(target)
                    return revision
                check_redirect(response.url, following.url)
                request = following
        raise UpdateError(f"more than {self.limits.redirects} redirects; check {SOURCE_VARIABLE}")

    def _save(self, response: httpx.Response, target: Path) -> None:
        """Write the body to ``target`` as it arrives; raises UpdateError beyond the size limit or the deadline."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            # httpx decompresses each chunk at once, and a few bytes can expand to gigabytes.
            raise UpdateError(f"packed as {clipped(encoding)}, expected the file as it is; check {SOURCE_VARIABLE}")
        size = 0
        with target.open("wb") as file:
            for chunk in response.iter_raw():
                size += len(chunk)
                if size > self.limits.file_bytes:
                    allowed = f"{self.limits.file_bytes:,} bytes allowed"
                    raise UpdateError(f"larger than the {allowed}; check {SOURCE_VARIABLE}")
                self._check_time()
                file.write(chunk)

    def _check_time(self) -> None:
        """Raise UpdateError after the deadline: a server that sends byte by byte never meets the read time-out."""
        if time.monotonic() > self.deadline:
            raise UpdateError(f"the {self.limits.total:g} s allowed for a run are used up; try again later")


def read_parquet(path: Path, where: str, limits: Limits) -> Iterator[tuple[Any, ...]]:
    """Yield each row's number (from 1) and required columns; raises UpdateError if the file is malformed."""
    # Filter no rows in SQL: DuckDB drops some filters on NaN. Use a relative path: in the names of the folders above,
    # DuckDB would expand wildcards, and read `key=value` as a column.
    source = "read_parquet(?, file_row_number = true, hive_partitioning = false)"
    parameters = [os.path.relpath(path)]
    try:
        connection = duck()
        connection.execute(f"DESCRIBE SELECT * FROM {source}", parameters)  # noqa: S608 -- constants
        columns = find_columns({name: kind for name, kind, *_ in connection.fetchall()}, where)
        texts = [column for column in columns.values() if COLUMNS.get(column) == TEXT_TYPES]
        # Measure all texts before one is fetched: a few kilobytes can hold one text of gigabytes.
        longest = ", ".join(f"max(strlen({column}))" for column in texts)
        found = connection.execute(f"SELECT {longest} FROM {source}", parameters).fetchone()  # noqa: S608 -- constants
        check_lengths(dict(zip(texts, found or (), strict=False)), where, limits)
        wanted = ", ".join(columns.values())
        connection.execute(f"SELECT file_row_number + 1, {wanted} FROM {source}", parameters)  # noqa: S608 -- constants
        count = 0
        while rows := connection.fetchmany(4096):
            count += len(rows)
            if count > limits.rows:
                raise UpdateError(f"{where}: more than the {limits.rows:,} rows allowed; {LATER}")
            yield from rows
    except (duckdb.Error, UnicodeDecodeError) as error:
        # After some errors DuckDB refuses every further statement.
        duck.cache_clear()
        # Only the first line: the next ones quote the statement.
        why = clipped(str(error).partition("\n")[0])
        raise UpdateError(f"{where}: cannot be read as Parquet: {why}; {LATER}") from error


@cache
def duck() -> duckdb.DuckDBPyConnection:
    """Return the DuckDB that reads all files: starting one takes longer than reading most files."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "256MB",
        "max_temp_directory_size": "0KB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(config=config)


def find_columns(found: Mapping[str, str], where: str) -> dict[str, str]:
    """Return what to select for each of COLUMNS: the column, the agents' name for it, or a constant if they lack it.

    Raises UpdateError, which names the first column that is missing or has another type.
    """
    of_agents = "rating" not in found and "score" in found
    columns: dict[str, str] = {}
    for column, expected in COLUMNS.items():
        name = AGENT_COLUMNS.get(column, column) if of_agents else column
        if of_agents and name not in found and column in ABSENT:
            columns[column] = ABSENT[column]
            continue
        kind = found.get(name, "no such column")
        if kind not in expected:
            wanted = " or ".join(expected)
            raise UpdateError(f"{where}: column {name}: found {kind}, expected {wanted}; {LATER}")
        columns[column] = name
    return columns


def check_lengths(longest: Mapping[str, int | None], where: str, limits: Limits) -> None:
    """Raise UpdateError, which names the column, if a text is longer than any name can be."""
    for column, size in longest.items():
        if size is not None and size > limits.text_bytes:
            found = f"found a text of {size:,} bytes, expected at most {limits.text_bytes:,}"
            raise UpdateError(f"{where}: column {column}: {found}; {LATER}")


def parse_publication(rows: Iterable[tuple[Any, ...]], where: str) -> Publication:
    """Check every row and return the boards; raises UpdateError, which names file, column and row."""
    boards: dict[str, dict[str, Score]] = {}
    published_on, dropped = "", 0
    for number, name, organization, licence, rating, lower, upper, votes, category, day in rows:
        place = f"{where}, row {number}"
        if not is_text(name):
            raise UpdateError(f"{place}: column model_name is empty; {LATER}")
        if not is_text(category):
            raise UpdateError(f"{place}: column category is empty; {LATER}")
        place = f"{place} (model {quoted(name)}, category {quoted(category)})"
        if not is_day(day):
            found = f"found {quoted(day)}, expected a day as YYYY-MM-DD"
            raise UpdateError(f"{place}: column leaderboard_publish_date: {found}; {LATER}")
        published_on = max(published_on, day)
        if not is_finite(rating):
            dropped += 1
            continue
        score: Score = {
            "rating": rating,
            "rating_q975": parse_bound("rating_upper", upper, rating, place),
            "rating_q025": parse_bound("rating_lower", lower, rating, place),
            "vote_count": parse_votes(votes, place),
            "organization": organization if is_text(organization) else None,
            "license": licence if is_text(licence) else None,
        }
        board = boards.setdefault(category, {})
        if board.setdefault(name, score) != score:
            raise UpdateError(f"{place}: column model_name: a second, different row for this model; {LATER}")
    if OVERALL not in boards:
        raise UpdateError(f"{where}: column category: no row with a rating has {OVERALL!r}; {LATER}")
    check_keys(boards, where)
    kept = sum(len(board) for board in boards.values())
    return Publication(boards, published_on, kept, dropped)


def is_text(value: str | None) -> bool:
    """Say whether a text value is neither null nor blank."""
    return value is not None and bool(value.strip())


def is_finite(value: float | None) -> bool:
    """Say whether a number is known and finite."""
    return value is not None and math.isfinite(value)


def is_day(value: str | None) -> bool:
    """Say whether a text is an existing day in the form YYYY-MM-DD."""
    # fromisoformat alone would accept 20251211 and 2025-W50-4 too.
    if value is None or not DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def parse_bound(column: str, value: float | None, rating: float, place: str) -> float | None:
    """Return an interval's end, None for null and NaN; raises UpdateError if it is infinite or beyond the rating."""
    if value is None or math.isnan(value):
        return None
    past = value > rating if column == "rating_lower" else value < rating
    if past or math.isinf(value):
        found = f"found {value} for the rating {rating}, expected a finite interval around it"
        raise UpdateError(f"{place}: column {column}: {found}; {LATER}")
    return value


def parse_votes(value: float | None, place: str) -> int | None:
    """Return a count of votes, None for null and NaN; raises UpdateError if it is not a whole number of at least 0."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value) or value < 0 or value != int(value):
        found = f"found {value}, expected a whole number from 0 up"
        raise UpdateError(f"{place}: column vote_count: {found}; {LATER}")
    return int(value)


def check_keys(categories: Iterable[str], where: str) -> None:
    """Raise UpdateError if two categories would be written under one key, and so mixed into one board."""
    present = set(categories)
    for category, key in UPSTREAM_KEYS.items():
        if {category, key} <= present:
            raise UpdateError(f"{where}: column category: both {category!r} and {key!r} occur; {LATER}")


def upstream_shape(boards: Mapping[str, Mapping[str, Score]]) -> dict[str, dict[str, Score]]:
    """Return the boards in the form of upstream's files: categories by key, models best first."""
    keyed = {UPSTREAM_KEYS.get(category, category): board for category, board in boards.items()}
    return {
        key: dict(sorted(keyed[key].items(), key=lambda item: (-item[1]["rating"], item[0]))) for key in sorted(keyed)
    }


def wanted_subsets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the subsets to download, the required one first; raises UpdateError if the setting is not valid."""
    names = [name.strip() for name in environment.get(LEADERBOARDS_VARIABLE, "").split(",")]
    subsets = [name.replace("-", "_") for name in names if name] or list(USUAL)
    for subset in subsets:
        if not SUBSET.fullmatch(subset):
            allowed = "names such as text or text-to-image with commas between"
            raise UpdateError(f"{LEADERBOARDS_VARIABLE} names {quoted(subset)}; set it to {allowed}")
    if len(subsets) > MOST_SUBSETS:
        raise UpdateError(f"{LEADERBOARDS_VARIABLE} names {len(subsets)} leaderboards; name at most {MOST_SUBSETS}")
    return tuple(dict.fromkeys((REQUIRED, *subsets)))


def output_file(subset: str) -> str:
    """Return the name of a subset's file: upstream's, or one made of the subset's name; never one that is taken."""
    name = leaderboard_name(subset)
    taken = {META_FILE, *UPSTREAM_FILES.values()}
    file = UPSTREAM_FILES.get(subset, f"leaderboard-{name}.json")
    return f"leaderboard-x--{name}.json" if file in taken and subset not in UPSTREAM_FILES else file


def leaderboard_name(subset: str) -> str:
    """Return the leaderboard's name in llmhub: the subset's with hyphens."""
    return subset.replace("_", "-")


def meta_shape(source: str, revision: str | None, publications: Mapping[str, Publication]) -> dict[str, object]:
    """Return the content of leaderboard-meta.json: the source, its revision, and an entry for each leaderboard."""
    return {
        "source": source,
        "revision": revision,
        "leaderboards": {
            leaderboard_name(subset): {
                "published_on": publication.published_on,
                "rows": publication.rows,
                "dropped": publication.dropped,
            }
            for subset, publication in publications.items()
        },
    }


def write_json(path: Path, value: object) -> None:
    """Write a file completely or not at all; raises OSError."""
    # Use a new folder: under any name beside the file, another program may have put a file or a link.
    with tempfile.TemporaryDirectory(prefix="writing-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        temporary.write_text(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
        temporary.replace(path)


def clipped(text: str, length: int = 200) -> str:
    """Return a text from outside, cut off after ``length`` characters."""
    return text if len(text) <= length else text[: length - 3] + "..."


def quoted(text: str | None) -> str:
    """Return a value from a file in the form for messages: quoted, escaped, and cut off if it is long."""
    return "null" if text is None else repr(clipped(text, 100))


def printable(text: str) -> str:
    """Return a text in one line, with every character escaped that could control a terminal."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def say(text: str) -> None:
    """Print one line, a message or an error, on stderr; stdout stays empty."""
    print(printable(text), file=sys.stderr, flush=True)


def download_leaderboard(
    downloader: Downloader, base: str, subset: str, revision: str | None, folder: Path
) -> tuple[str | None, Publication]:
    """Download one leaderboard into ``folder``, of ``revision`` if that is known, and check it.

    Returns the revision that the server named, and the publication. Raises UpdateError and OSError.
    """
    where = f"{subset}/{PARQUET_FILE}"
    target = folder / f"{subset}.parquet"
    found = downloader.fetch(f"{pinned(base, revision)}/{where}", target)
    if revision and found and found != revision:
        raise UpdateError(f"{where} is of revision {found}, {REQUIRED} of {revision}; try again later")
    return found, parse_publication(read_parquet(target, where, downloader.limits), where)


def download_all(
    base: str, folder: Path, limits: Limits, subsets: Iterable[str] = (REQUIRED, *USUAL)
) -> tuple[str | None, dict[str, Publication]]:
    """Download the leaderboards of ``subsets``, all of one revision if the server names it, and print each result.

    Returns the revision and the publications by subset. Raises UpdateError if the required one fails, and OSError if
    ``folder`` cannot be written; another leaderboard that fails is reported and left out.
    """
    revision: str | None = None
    publications: dict[str, Publication] = {}
    with new_client(limits) as client:
        downloader = Downloader(client, limits, time.monotonic() + limits.total)
        for subset in subsets:
            name = leaderboard_name(subset)
            try:
                found, publication = download_leaderboard(downloader, base, subset, revision, folder)
            except UpdateError as error:
                if subset == REQUIRED:
                    raise UpdateError(f"{name}: {error}; nothing was written") from error
                say(f"{name}: left out: {error}")
                continue
            if subset == REQUIRED:
                revision = found
            publications[subset] = publication
            dropped = f", {publication.dropped:,} dropped (no finite rating)" if publication.dropped else ""
            say(f"{name}: {publication.rows:,} rows, published {publication.published_on}{dropped}")
    return revision, publications


def update(environment: Mapping[str, str], limits: Limits) -> None:
    """Do the whole run in the current directory; raises UpdateError or OSError."""
    if not DATA.is_dir():
        raise UpdateError(f"no directory {DATA}/ in {Path.cwd()}; create it or run where it is")
    base, subsets = source_address(environment), wanted_subsets(environment)
    # Beside data/, and not in the system's temporary folder: whoever kills this process removes its directory, and so
    # the downloads.
    with tempfile.TemporaryDirectory(prefix="download-", dir=Path.cwd()) as folder:
        revision, publications = download_all(str(base), Path(folder), limits, subsets)
    for subset, publication in publications.items():
        write_json(DATA / output_file(subset), upstream_shape(publication.boards))
    write_json(DATA / META_FILE, meta_shape(shown(base), revision, publications))


def main() -> int:
    """Run the update and return the exit code; if it is not 0, the last line on stderr says why."""
    if len(sys.argv) > 1:
        say(f"error: {Path(sys.argv[0]).name} takes no arguments; the source is set by {SOURCE_VARIABLE}")
        return 2
    os.environ.update(usable_exceptions(os.environ))
    try:
        update(os.environ, Limits())
    except UpdateError as error:
        say(f"error: {error}")
        return 1
    except OSError as error:
        place = error.filename or "the current directory"
        say(f"error: cannot write {place}: {error.strerror or error}; check space and permissions")
        return 1
    except KeyboardInterrupt:
        say("error: interrupted; run it again")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

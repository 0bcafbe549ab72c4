from __future__ import annotations

import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from llmhub.offers.billing.usage import read_usage

_LINES = 8_000


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("time,model,input,output\n", "2026-02-01T00:00:00Z,acme/a,{n},5\n"),
        ("", '{{"time": "2026-02-01T00:00:00Z", "model": "acme/a", "input": {n}, "output": 5}}\n'),
    ],
)
def test_lines_are_streamed_however_many_there_are(tmp_path: Path, head: str, line: str) -> None:
    file = tmp_path / "usage"
    file.write_text(head + "".join(line.format(n=number) for number in range(_LINES)))
    tracemalloc.start()
    try:
        found = sum(used.tokens.input for used in read_usage(file))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == sum(range(_LINES))
    # The file has five times as much.
    assert peak < file.stat().st_size / 5
    # What comes first is there before the rest is read.
    assert [used.tokens.input for used in islice(read_usage(file), 2)] == [0, 1]

"""Find the id of a model in the address of an API. Pure.

`https://generativelanguage.googleapis.com/v1beta/models/gemini-1.5-pro:generateContent` calls a model;
`https://example.com/docs/models/gemini-1.5-pro` is a page about one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_CALLS = re.compile(rb"://([^/]+)/(?:.*/)?v\d\w*/(?:.*/)?(?:models|model|engines)/([^/]+)(?:/\w[\w/]*)?$")
_BEDROCK = re.compile(rb"://[^/]*\bbedrock[^/]*/model/([^/]+)(?:/[\w-]+)?$")
_AZURE = re.compile(rb"://[^/]*\.azure\.com/openai/deployments/([^/]+)(?:/.*)?$")


class InAddress(NamedTuple):
    """An id in an address, and the prefix that names its provider."""

    prefix: bytes
    name: bytes


def id_in_address(address: bytes) -> InAddress | None:
    """Return the id of the model that an address calls; None if it calls none."""
    if found := _AZURE.search(address):
        return InAddress(b"azure/", found[1])
    if found := _BEDROCK.search(address):
        return InAddress(b"bedrock/", found[1])
    if found := _CALLS.search(address):
        if b"googleapis.com" not in found[1]:
            return InAddress(b"", found[2])
        return InAddress(b"vertex_ai/" if b"aiplatform" in found[1] else b"google/", found[2])
    return None

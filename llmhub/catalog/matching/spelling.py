"""Unwrap an id: remove paths, ARNs, file endings and quantisations, and split it into folders and a name; pure.

`arn:aws:bedrock:us-east-1::foundation-model/x`, `/models/x-Q4_K_M.gguf` and `hf.co/bartowski/x-GGUF:Q5_K_M` are three
ways to write x. Any text gives a list of folders, none of them empty, and a name, which may be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Spelling(NamedTuple):
    """An id without its wrapping.

    Attributes:
        folders: the parts before the name, as written, without empty ones.
        name: the last part, as written.
        local: whether it was a path in a file system, whose folders are mostly the user's own.
    """

    folders: tuple[str, ...]
    name: str
    local: bool


# Custom, imported and provisioned models are the user's own: they keep their whole ARN, which names no model.
_ARN = re.compile(r"arn:aws[\w-]*:bedrock:[^:/]*:[^:/]*:(?:foundation-model|inference-profile)/", re.IGNORECASE)
_ARN_OF_ITS_OWN = re.compile(r"arn:", re.IGNORECASE)
_GOOGLE_RESOURCE = re.compile(r"(?:projects/[^/]+/)?locations/[^/]+/(?=publishers/)")
_DRIVE = re.compile(r"[A-Za-z]:(?=/)")
_CACHED_REPOSITORY = re.compile(r"(?:^|/)models--([^/]+?)--([^/]+)(?:/snapshots/[0-9a-f]+)?")
# llama.cpp keeps author/repository-GGUF/file.gguf as author_repository-GGUF_file.gguf.
_CACHED_FILE = re.compile(r"([^_]+)_(.+?[-_]gguf)_(.+\.gguf)", re.IGNORECASE)
_FILE = re.compile(r"(?:-\d{5}-of-\d{5})?\.(?:gguf|ggml|llamafile|safetensors|bin|mlx)$", re.IGNORECASE)
_QUANTIZED_FILE = re.compile(
    r"[-_:.@](?:ud[-_]|i1[-_])?i?q\d(?:_(?:k|\d|x{0,2}[sml]|xl|nl))*(?=$|[-_:])", re.IGNORECASE
)
_HALF = re.compile(r"[-_:.@](?:b?f16|fp16|f32)(?=$|[-_:])", re.IGNORECASE)
_HOST_VERSION = re.compile(r"\bv?(\d+):(\d+)(?::\d+k)?$")
# Vertex's model garden writes family@model, llama3-3@llama-3.3-70b-instruct; behind @ there may be a version too.
_VERTEX_NAME = re.compile(r"([a-z]{3,})[\w.-]*@(?=\1[\w.-]*\d)")
_VERTEX_VERSION = re.compile(r"-v\d+(?=@\d{8}$)")
# 10_7b is a size, and qwen2_7b a model of 7b.
_UNDERSCORED_SIZE = re.compile(r"(?<![a-z\d.])(\d+)_(?=\d+b(?:$|[^a-z\d]))")
_UNDERSCORED_VERSION = re.compile(r"(?<![a-z\d])v(\d)_(?=\d(?![\d_]))")
# GLM-4_5V.
_UNDERSCORED_VISION = re.compile(r"(?<![a-z\d.])(\d)_(?=\dv(?:$|[^a-z\d]))")
_BITS = re.compile(r"(?<![a-z\d])(\d)-bit(?![a-z])")
_INNER_DOT = re.compile(r"\.(?=[a-z])")
_SEPARATORS = re.compile(r"[-_ :@()\[\],]+")
_VERSION_P = re.compile(r"(?<=\d)p(?=\d)")
_WORD_AND_NUMBER = re.compile(r"([a-z]{3,})(\d+(?:\.\d+)?)([a-z]?)")
QUANTIZATION = re.compile(r"i?q\d+|\d+bit|[\d.]+bpw|w\d+a\d+|(?:bf|fp|nvfp|mxfp|int|nf)\d+")
"""A token that states the precision of the weights."""


def unwrapped(text: str) -> Spelling:
    """Return an id's folders and its name."""
    text = text.strip("~ ").replace("\\", "/")
    if found := _ARN.match(text):
        text = text[found.end() :]
    elif _ARN_OF_ITS_OWN.match(text):
        return Spelling((), text, local=False)
    if "locations/" in text:
        text = _GOOGLE_RESOURCE.sub("", text)
    local = text.startswith(("/", "./", "../")) or _DRIVE.match(text) is not None
    text = _DRIVE.sub("", text, count=1)
    if "models--" in text and (found := _CACHED_REPOSITORY.search(text)):
        text, local = f"{found[1]}/{found[2]}", False
    elif found := _CACHED_FILE.fullmatch(text.rpartition("/")[2]):
        text, local = "/".join(found.groups()), False
    *folders, name = [part for part in text.split("/") if part.strip(" .:~")] or [""]
    return Spelling(tuple(folders), _FILE.sub("", name), local)


def without_quantization(name: str) -> str:
    """Remove `-Q4_K_M` and its like from a name in lower case."""
    if "q" in name or "Q" in name:
        name = _QUANTIZED_FILE.sub("", name)
    return _HALF.sub("", name) if "16" in name or "32" in name else name


def tokens(name: str) -> Iterator[str]:
    """Split a name in lower case into tokens: `qwen2.5-72b` into qwen, 2.5, 72b."""
    # Most names lack these characters: checking first saves much of a pass over all of models.dev.
    if ":" in name:
        name = _HOST_VERSION.sub(r"v\1.\2", name)
    if "@" in name:
        name = _VERTEX_VERSION.sub("", _VERTEX_NAME.sub("", name))
    name = without_quantization(name)
    if "-bit" in name:
        name = _BITS.sub(r"\1bit", name)
    if "_" in name:
        name = _UNDERSCORED_VISION.sub(r"\1.", _UNDERSCORED_SIZE.sub(r"\1.", _UNDERSCORED_VERSION.sub(r"v\1.", name)))
    for piece in _SEPARATORS.split(_INNER_DOT.sub("-", name).replace("+", " plus ")):
        token = (_VERSION_P.sub(".", piece) if "p" in piece else piece).strip(".")
        if (found := _WORD_AND_NUMBER.fullmatch(token)) and not QUANTIZATION.fullmatch(token):
            yield found[1]
            yield found[2] + found[3]
        elif token:
            yield token

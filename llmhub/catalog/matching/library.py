"""Read the ids of Ollama's library, where a name without a tag means its default tag; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from llmhub.catalog.matching.overrides import LibraryName
from llmhub.catalog.matching.spelling import without_quantization

_SIZE = re.compile(r"(?:^|[-_:])(?:\d+x|e)?\d+(?:\.\d+)?[bmt](?=$|[-_:])")
_DATE = re.compile(r"-\d{4}$")
_VERSION = re.compile(r"-v(\d+(?:\.\d+)?)$")
_TUNED = ("", "-instruct", "-chat", "-it")
_DEFAULT = frozenset({"", "latest", "instruct", "chat"})


def read_library_id(model_id: str, library: Mapping[str, LibraryName]) -> tuple[str | None, str | None]:
    """Return the model id that a library id stands for and its source; if there is none, the reason.

    Args:
        model_id: the id as Ollama lists it, `name:tag`; an id with a namespace is returned unchanged.
        library: the known names, by name.
    """
    written = model_id.lower().removeprefix("library/")
    if "/" in written:
        return model_id, None
    name, _, tag = written.partition(":")
    tag = without_quantization(f":{tag}")[1:] if tag else ""
    known = library.get(name)
    if tag in _DEFAULT:
        if _SIZE.search(name) or _DATE.search(name):
            return written, None
        if known is None or known.default is None:
            return None, f"Ollama's {name} without a size means its default tag, and llmhub does not know a rated one"
        tag = known.default
    if tag == "text" or tag.endswith("-text"):
        # Ollama's words for weights that do not follow instructions.
        return f"{name}:{tag.removesuffix('text')}base", None
    return (f"{name}:{tag}", None) if known is None else _stands_for(name, tag, known)


def _stands_for(name: str, tag: str, known: LibraryName) -> tuple[str | None, str | None]:
    how = f"Ollama's {name}:{tag} by {known.source}"
    plain = next((tag.removesuffix(tuned) for tuned in reversed(_TUNED) if tuned and tag.endswith(tuned)), tag)
    if plain in known.tags:
        stands_for = known.tags[plain]
        return (stands_for, how) if stands_for else (None, f"which model {name}:{tag} holds is not known")
    if known.reads is None:
        return f"{name}:{tag}", None if plain != known.default else how
    if "*" in known.reads:
        said = _VERSION.search(plain)
        without = plain[: said.start()] if said and said[1] in known.reads else plain
        return known.reads.replace("*", without), how
    if known.default is not None and (plain == known.default or plain.startswith(f"{known.default}-")):
        # 7b-v3.5-0106 of a name that reads openchat-3.5-0106: the tag says the same in other words.
        rest = plain[len(known.default) :].split("-")
        if {part.removeprefix("v") for part in rest if part} <= set(known.reads.split("-")):
            return known.reads, how
    return f"{name}:{tag}", None

"""Combine an id with its display name; pure."""

from __future__ import annotations

from llmhub.catalog.matching.grammar import Parts


def labs_agree(one: Parts, other: Parts) -> bool:
    """Say whether two readings may be of one lab; if no word names the model, the labs must be equal."""
    if one.lab is None or other.lab is None:
        return any(word[0].isalpha() for word in one.words)
    return one.lab == other.lab


def is_version(word: str) -> bool:
    """Say whether a word is a version, with or without a letter before it: 4.5, r1, k2."""
    return word.lstrip("abcdefghijklmnopqrstuvwxyz").replace(".", "", 1).isdecimal() and len(word) <= len("a12.34")


def versions(parts: Parts) -> tuple[list[str], list[str]]:
    """Split words into numbers and others."""
    numbers = [word for word in parts.words if is_version(word) and not word[0].isalpha()]
    return numbers, [word for word in parts.words if word not in numbers]


def same_words(one: Parts, other: Parts) -> bool:
    """Say whether an id and a name have the same words and may be of one lab."""
    return one.words == other.words and (one.lab is None or other.lab is None or one.lab == other.lab)


def renames(plain: Parts, named: Parts) -> bool:
    """Say whether a display name may replace an id: it must explain every word of it."""
    explained = set(plain.words) - set(named.words) <= {"chat"}
    return explained and (named.lab is not None or any(word[0].isalpha() for word in named.words))


def refines(plain: Parts, named: Parts) -> bool:
    """Say whether a display name states a more detailed version than the id and is otherwise equal."""
    numbers, others = versions(plain)
    named_numbers, named_others = versions(named)
    return (
        others == named_others
        and len(numbers) == len(named_numbers) == 1
        and named_numbers[0].startswith(f"{numbers[0]}.")
    )


def completed(plain: Parts, named: Parts) -> Parts:
    """Add to an id's reading what only the name says."""
    return plain._replace(
        lab=plain.lab or named.lab,
        sizes=plain.sizes or named.sizes,
        date=plain.date or named.date,
        tune=plain.tune or named.tune,
        mode=plain.mode or named.mode,
        budget=plain.budget or named.budget,
        bare_weights=plain.bare_weights and named.tune is None,
    )

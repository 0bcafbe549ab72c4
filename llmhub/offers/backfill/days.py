"""Read the offers of models.dev, commit by commit; a file that did not change is not read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from llmhub.arena.rules import NAME_RULE, is_name
from llmhub.errors import SourceError
from llmhub.offers.backfill.clone import Entry, Objects
from llmhub.offers.backfill.rows import base_of, derive, parse_row
from llmhub.offers.models_dev import normalize
from llmhub.offers.values import Offer

_SUFFIX = ".toml"
_LEFT_OUT = "the model is left out"
_MAX_DEPTH = 8
_MOST_KEPT = 20_000
# Ten times as many as there ever were: links that repeat a tree could make any number of files.
_MOST_FILES = 60_000
_AT_ONCE = 500
_OF_PROVIDER = len(("providers", "acme", "models"))
_Path: TypeAlias = tuple[str, ...]
_Chain: TypeAlias = list[tuple[_Path, str | None]]


class Skipped(NamedTuple):
    """A file, or a value in it, that is not in the store, and why."""

    path: str
    why: str


@dataclass(slots=True)
class _File:
    """A model's file, read.

    Attributes:
        id: the id of its content in git.
        chain: the path and content id of each file that it builds on.
        offer: the offer in it; None if it was skipped.
        skipped: what was skipped of it.
    """

    id: str
    chain: tuple[tuple[_Path, str | None], ...] = ()
    offer: Offer | None = None
    skipped: tuple[Skipped, ...] = ()


@dataclass(slots=True)
class _Provider:
    """A provider's folder, read.

    Attributes:
        id: the id of its tree in git.
        apart: whether nothing in it depends on another folder.
        files: the files of its models, by model id.
        offers: its offers by model id; the same object as long as none changed.
    """

    id: str
    apart: bool = False
    files: dict[str, _File] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


class Days:
    """Reads the offers of commits in their order."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._root = Entry("", "")
        self._commit = ""
        self._seen = 0
        self._roots: tuple[Entry | None, Entry | None] = (None, None)
        self._providers: dict[str, _Provider] = {}
        self._bases: dict[str, dict[str, Any]] = {}

    def offers(self, commit: str) -> tuple[dict[str, dict[str, Offer]], list[Skipped]]:
        """Return the offers of a commit by provider and model id, and what was skipped.

        A provider's dictionary is the same object as before if none of its offers changed.

        Raises:
            SourceError: this is not a commit of models.dev, or the clone lacks a part of it.
        """
        self._objects.forget(most=_MOST_KEPT)
        if len(self._bases) > _MOST_KEPT:
            self._bases.clear()
        self._commit, self._seen = commit, 0
        self._root = self._objects.root(commit)
        top = self._objects.folder(self._root)
        roots = top.get("providers"), top.get("models")
        folder = roots[0]
        if folder is None or not folder.is_folder:
            raise SourceError(f"commit {commit[:12]} has no folder providers/, as each commit of models.dev has")
        if roots != self._roots:
            before = self._providers
            self._providers = {
                name: self._provider(name, entry, before.get(name))
                for name, entry in sorted(self._objects.folder(folder).items())
                if entry.is_folder
            }
            self._roots = roots
        found = {name: provider.offers for name, provider in self._providers.items() if provider.offers}
        return found, [one for provider in self._providers.values() for one in provider.skipped]

    def _provider(self, name: str, entry: Entry, before: _Provider | None) -> _Provider:
        if before is not None and before.id == entry.id and before.apart:
            return before
        inside = self._objects.folder(entry)
        models = self._objects.find(self._root, ("providers", name, "models"))
        if "provider.toml" not in inside or not is_name(name) or models is None or not models.is_folder:
            why = (
                "has no provider.toml"
                if is_name(name)
                else f"has a name that no provider can have: expected {NAME_RULE}"
            )
            skipped = [Skipped(f"providers/{name}", f"{why}; its models are left out")] if models is not None else []
            return _Provider(entry.id, skipped=skipped)
        folder = inside["models"]
        listed, apart, skipped = self._listed(name, models)
        known = {} if before is None else before.files
        files = {id_: one for id_, number in listed.items() if (one := known.get(id_)) and self._holds(one, number)}
        new = [model_id for model_id in listed if model_id not in files]
        for place in range(0, len(new), _AT_ONCE):
            files |= self._made(name, {model_id: listed[model_id] for model_id in new[place : place + _AT_ONCE]})
        offers = {model_id: file.offer for model_id in listed if (file := files[model_id]).offer is not None}
        if before is not None and _same(before.offers, offers):
            offers = before.offers
        return _Provider(
            entry.id,
            apart=apart and folder.is_folder and not any(file.chain for file in files.values()),
            files=files,
            offers=offers,
            skipped=[*skipped, *(skip for model_id in listed for skip in files[model_id].skipped)],
        )

    def _listed(self, provider: str, models: Entry) -> tuple[dict[str, str], bool, list[Skipped]]:
        """Return a provider's files by model id, whether no link is among them, and what is left out."""
        found: dict[str, str] = {}
        skipped: list[Skipped] = []
        apart = True
        for path, is_link, entry in self._walk(("providers", provider, "models"), models, 0):
            apart = apart and not is_link
            model_id = "/".join(path[_OF_PROVIDER:]).removesuffix(_SUFFIX)
            if not path[-1].endswith(_SUFFIX):
                continue
            if entry is None or not entry.is_file:
                why = "is a symbolic link that leads to no file of the commit" if is_link else "is not a file"
                skipped.append(Skipped("/".join(path), f"{why}; {_LEFT_OUT}"))
            elif not is_name(model_id):
                why = f"has a name that no model can have: expected {NAME_RULE}"
                skipped.append(Skipped("/".join(path), f"{why}; {_LEFT_OUT}"))
            else:
                found[model_id] = entry.id
        return found, apart, skipped

    def _walk(self, path: _Path, folder: Entry, depth: int) -> Iterator[tuple[_Path, bool, Entry | None]]:
        """Yield the path of each entry in and below a folder, whether it is a link, and what it leads to."""
        for name, entry in self._objects.folder(folder).items():
            self._seen += 1
            if self._seen > _MOST_FILES:
                where = f"commit {self._commit[:12]} has over {_MOST_FILES:,} files in providers/, links followed"
                raise SourceError(f"{where}: it is not a commit of models.dev")
            inside = (*path, name)
            target = self._objects.find(self._root, inside) if entry.is_link else entry
            if target is not None and target.is_folder and depth < _MAX_DEPTH:
                if entry.is_link:
                    yield inside, True, target
                yield from self._walk(inside, target, depth + 1)
            else:
                yield inside, entry.is_link, target

    def _holds(self, file: _File, number: str) -> bool:
        """Say whether a file and all that it builds on are as before."""
        return file.id == number and all(self._content(path) == known for path, known in file.chain)

    def _content(self, path: _Path) -> str | None:
        entry = self._objects.find(self._root, path)
        return entry.id if entry is not None and entry.is_file else None

    def _made(self, provider: str, new: Mapping[str, str]) -> dict[str, _File]:
        """Read the files that are new or changed."""
        made: dict[str, _File] = {}
        rows: dict[str, dict[str, Any]] = {}
        contents = self._objects.files([*new.values()])
        for (model_id, number), content in zip(new.items(), contents, strict=True):
            chain: _Chain = []
            skipped: tuple[Skipped, ...] = ()
            try:
                rows[model_id] = self._row(parse_row(content), chain)
            except ValueError as error:
                skipped = (Skipped(_path_of(provider, model_id), f"{error}; {_LEFT_OUT}"),)
            made[model_id] = _File(number, tuple(chain), skipped=skipped)
        found = normalize({provider: {"models": rows}})
        for model_id, row in rows.items():
            made[model_id].offer = found.models.get(f"{provider}/{model_id}")
            if found.problems or found.remarks:
                alone = normalize({provider: {"models": {model_id: row}}})
                lines = (*alone.problems, *alone.remarks)
                prefix = f"models.dev: {provider}/{model_id}: "
                made[model_id].skipped = tuple(
                    Skipped(_path_of(provider, model_id), line.removeprefix(prefix)) for line in lines
                )
        return made

    def _row(self, row: dict[str, Any], chain: _Chain) -> dict[str, Any]:
        """Return an entry with what it builds on, whose files are added to `chain`.

        Raises:
            ValueError: the entry cannot be used; the message says why.
        """
        how = base_of(row)
        if how is None:
            return row
        number = self._content(how.path)
        chain.append((how.path, number))
        where = "/".join(how.path)
        if number is None:
            raise ValueError(f"it builds on {where}, which is not there")
        if len(chain) > _MAX_DEPTH:
            raise ValueError(f"it builds on {where}, which builds on itself or on too many others")
        if number not in self._bases:
            (content,) = self._objects.files([number])
            self._bases[number] = parse_row(content)
        return derive(self._row(self._bases[number], chain), row, how)


def _path_of(provider: str, model_id: str) -> str:
    return f"providers/{provider}/models/{model_id}{_SUFFIX}"


def _same(before: Mapping[str, Offer], after: Mapping[str, Offer]) -> bool:
    return before.keys() == after.keys() and all(before[key] is offer for key, offer in after.items())

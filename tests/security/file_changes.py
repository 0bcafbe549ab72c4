"""Which calls in the source change what lies on the disk, found in its syntax."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import REPOSITORY

FILES = sorted(path for folder in ("llmhub", "migrations", "vendor") for path in (REPOSITORY / folder).rglob("*.py"))

# Methods and functions of these names change files, whatever they are called on.
_ALWAYS = frozenset(
    {
        *("rmtree", "unlink", "rmdir", "removedirs", "rename", "hardlink_to", "symlink_to", "truncate"),
        *("write_text", "write_bytes", "touch", "chmod", "lchmod", "chown", "move", "copyfile", "copy2", "copytree"),
        *("mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile", "mkfifo", "mknod"),
    }
)
_OF_OS = frozenset({"os.remove", "os.replace", "os.link", "os.symlink", "os.open", "shutil.copy"})
_WRITING = frozenset("wxa+")


def changes(source: str) -> Iterator[tuple[str, str]]:
    """Yield each call that changes a file, as the function that it stands in and the call's own name."""
    yield from _walk(ast.parse(source), "")


def _walk(node: ast.AST, within: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        inside = f"{within}.{child.name}".lstrip(".") if named else within  # type: ignore[attr-defined]
        if isinstance(child, ast.Call) and (what := _change(child)):
            yield within, what
        # A statement of DuckDB's that writes a file.
        if isinstance(child, ast.JoinedStr) and {"COPY", "TO"} <= set(re.findall("[A-Z]+", ast.unparse(child))):
            yield within, "COPY"
        yield from _walk(child, inside)


def _change(call: ast.Call) -> str | None:
    name = ast.unparse(call.func).rpartition(".")[2] if isinstance(call.func, (ast.Attribute, ast.Name)) else ""
    whole = ast.unparse(call.func)
    if name in _ALWAYS:
        return name
    if whole in _OF_OS:
        return None if whole == "os.open" and _only_reads(call) else whole
    # A text's and a moment's `replace` take two arguments, or named ones; a path's takes one.
    if name == "replace" and len(call.args) == 1 and not call.keywords:
        return "replace"
    if name == "open" and _mode(call) & _WRITING:
        return "open"
    return None


def _only_reads(call: ast.Call) -> bool:
    flags = ast.unparse(call.args[1])
    return not any(flag in flags for flag in ("O_CREAT", "O_TRUNC", "O_WRONLY", "O_RDWR", "O_APPEND"))


def _mode(call: ast.Call) -> set[str]:
    """Return the letters of the mode that a file is opened with; Path.open has it first, the function second."""
    texts = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
    return {letter for mode in modes if set(mode) <= set("rwxabt+") for letter in mode}


def all_changes() -> dict[tuple[str, str], set[str]]:
    """Return (file, function) to the calls in it that change files, over the whole source."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in FILES:
        for within, what in changes(path.read_text(encoding="utf-8")):
            found.setdefault((_shown(path), within), set()).add(what)
    return found


def _shown(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()

"""Tell the kind of text in a file by its name; the kind decides which parts of the text count. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "python", "script", "c-like", "char-c-like", "hash", "lines", "json", "markup", "notebook", "docs", "other"
]
"""`script`: JavaScript and languages that write strings as it does; `c-like`: comments as in C; `char-c-like`: the
same, and 'x' is one character; `hash`: other code with # comments; `lines`: configuration and shells; `markup`:
attributes of <tags>; `docs`: texts for people; `other`: only quoted text counts.
"""

_ENDINGS: Mapping[Kind, str] = {
    "python": "py pyi pyw pyx pxd ipy bzl star",
    "script": "js jsx mjs cjs ts tsx mts cts vue svelte astro php dart groovy gradle jsonc json5 coffee graphql gql",
    "char-c-like": "go java kt kts scala sc swift cs c h cc cpp cxx hpp m mm rs zig proto sol fs fsx v sv",
    "c-like": "tf tfvars hcl nomad",
    "hash": "rb rake pl pm r jl ex exs ps1 psm1 tcl nix cr",
    "lines": "yaml yml toml ini cfg conf config properties env sh bash zsh fish mk service dockerfile cmake bat cmd"
    " prompt prompty",
    "json": "json jsonl ndjson webmanifest har avsc geojson",
    "markup": "xml html htm xhtml plist csproj vbproj props resx xaml jinja j2 jinja2 erb ejs hbs mustache tmpl",
    "notebook": "ipynb",
    "docs": "md markdown mdx mkd rst adoc asciidoc txt text tex org pod rdoc textile rtf",
}
_BY_ENDING: Mapping[str, Kind] = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}

_BY_NAME: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("dockerfile", "containerfile", "makefile", "gnumakefile", "justfile", "procfile", "vagrantfile", "crontab"),
        "lines",
    ),
    **dict.fromkeys(("gemfile", "rakefile", "brewfile"), "hash"),
    "jenkinsfile": "script",
    **dict.fromkeys(
        ("readme", "license", "licence", "copying", "notice", "copyright", "authors", "contributing"), "docs"
    ),
    **dict.fromkeys(("changelog", "changes", "history", "news", "install", "todo", "metadata", "pkg-info"), "docs"),
    "record": "docs",
}


_TEMPLATES = frozenset(
    {"default", "dist", "erb", "example", "in", "j2", "jinja", "jinja2", "sample", "template", "tmpl", "tpl"}
)


def kind_of(name: str) -> Kind:
    """Return what kind of text a file of this name holds.

    Examples:
        >>> kind_of("src/app.py"), kind_of(".env.production"), kind_of("Dockerfile.gpu"), kind_of("notes.md")
        ('python', 'lines', 'lines', 'docs')
        >>> kind_of("values.yaml.j2"), kind_of("settings.py.example")
        ('lines', 'python')
    """
    base = name.rpartition("/")[2].lower()
    inner, _, ending = base.rpartition(".")
    if ending in _TEMPLATES and "." in inner.lstrip("."):
        # A template, or a copy to fill in, of a file whose ending stands before.
        return kind_of(inner)
    first, _, rest = base.lstrip(".").partition(".")
    if base.startswith(".") and first in {"env", "envrc", "flaskenv"}:
        return "lines"
    if (by_name := _BY_NAME.get(first)) is not None and (not rest or first.endswith("file")):
        return by_name
    ending = base.rpartition(".")[2] if "." in base.lstrip(".") else ""
    # A dotfile of a tool, such as .aider, is configuration.
    return _BY_ENDING.get(ending, "lines" if base.startswith(".") and not ending else "other")


def kind_of_script(first_line: bytes) -> Kind | None:
    """Return what a script without a telling name holds, by the program in its first line; None if it names none."""
    if not first_line.startswith(b"#!"):
        return None
    if b"python" in first_line:
        return "python"
    if any(name in first_line for name in (b"node", b"deno", b"bun")):
        return "script"
    if any(name in first_line for name in (b"ruby", b"perl", b"Rscript")):
        return "hash"
    return "lines"

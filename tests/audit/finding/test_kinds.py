"""What kind of text a file holds."""

from __future__ import annotations

import pytest

from llmhub.audit.finding.kinds import Kind, kind_of, kind_of_script


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("app.py", "python"),
        ("app.PY", "python"),
        ("a/b/app.ts", "script"),
        ("app.test.tsx", "script"),
        ("main.go", "char-c-like"),
        ("main.tf", "c-like"),
        ("prod.tfvars", "c-like"),
        ("app.rb", "hash"),
        ("compose.yaml", "lines"),
        (".env", "lines"),
        (".env.local", "lines"),
        ("prod.env", "lines"),
        ("Dockerfile", "lines"),
        ("Dockerfile.gpu", "lines"),
        ("gpu.dockerfile", "lines"),
        ("Makefile", "lines"),
        (".aiderrc", "lines"),
        ("pyproject.toml", "lines"),
        ("config.json", "json"),
        ("nb.ipynb", "notebook"),
        ("README", "docs"),
        ("README.md", "docs"),
        ("notes.rst", "docs"),
        ("LICENSE", "docs"),
        ("METADATA", "docs"),
        ("history.py", "python"),
        ("install.sh", "lines"),
        ("values.yaml.j2", "lines"),
        ("settings.py.example", "python"),
        ("index.html.erb", "markup"),
        (".env.example", "lines"),
        ("chat.prompty", "lines"),
        ("crontab", "lines"),
        ("query.sql", "other"),
        ("program", "other"),
        ("", "other"),
    ],
)
def test_a_files_name_tells_what_it_holds(name: str, kind: Kind) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"#!/usr/bin/env python3", "python"),
        (b"#!/usr/bin/env node", "script"),
        (b"#!/bin/sh", "lines"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_a_script_is_told_by_its_first_line(line: bytes, kind: Kind | None) -> None:
    assert kind_of_script(line) == kind

"""What a release rests on: the workflow, the metadata, and a README whose links work on PyPI."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from tests.conftest import REPOSITORY

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
WORKFLOW = (REPOSITORY / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_the_workflow_tests_every_python_that_the_classifiers_name() -> None:
    named = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    (matrix,) = re.findall(r"python: \[(.+)\]", WORKFLOW)
    assert [text.strip('"') for text in matrix.split(", ")] == named
    assert PROJECT["requires-python"] == f">={named[0]}"


def test_the_changelog_has_the_version() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", changelog, re.MULTILINE)


def test_the_readmes_links_lead_to_the_tag_on_pypi() -> None:
    program = (
        "import runpy, sys; made = runpy.run_path(sys.argv[1])['absolute'];"
        "print(made(open(sys.argv[2], encoding='utf-8').read(), 'https://example.com/o/r/', 'v1'))"
    )
    paths = (REPOSITORY / ".ci" / "absolute_links.py", REPOSITORY / "README.md")
    text = subprocess.run(
        [sys.executable, "-c", program, *map(str, paths)], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", text)
    assert links
    assert all(link.startswith(("https://", "http://", "#")) for _, link in links)
    assert ("!", "https://example.com/o/r/raw/v1/docs/quality-price.svg") in links
    assert ("", "https://example.com/o/r/blob/v1/CONTRIBUTING.md") in links


def test_the_source_distribution_has_all_that_the_repository_has() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, check=False, capture_output=True, encoding="utf-8"
    ).stdout
    tracked = {line.partition("/")[0] for line in listed.splitlines()}
    # hatchling adds these by itself.
    always = {"pyproject.toml", "README.md", "LICENSE", ".gitignore"}
    assert tracked <= always | set(PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"])

"""Which files are read: what git does not ignore, and nothing twice, in a circle, or without end."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from llmhub.audit.finding.git_files import git_files
from llmhub.audit.finding.walking import files_below, require_paths
from llmhub.errors import PathNotFoundError

IGNORE = "# built\n*.log\n/built/\n!kept.log\nsub/*.tmp\n"
FILES = {
    ".gitignore": IGNORE,
    "a.py": "",
    "a.log": "",
    "kept.log": "",
    "built/b.py": "",
    "sub/built/c.py": "",
    "sub/d.tmp": "",
    "sub/.gitignore": "e.py\n!*.log\n",
    "sub/e.py": "",
    "sub/f.log": "",
    ".hidden/g.py": "",
}
READ = {".gitignore", "a.py", "kept.log", "sub/.gitignore", "sub/built/c.py", "sub/f.log", ".hidden/g.py"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with files, some of which its .gitignore files leave out."""
    root = tmp_path / "tree"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def _names(root: Path, *paths: Path) -> set[str]:
    found = [Path(path).relative_to(root).as_posix() for path in files_below(paths or (root,))]
    assert len(found) == len(set(found))
    return set(found)


def test_git_and_without_it_the_ignore_files_say_what_is_read(tree: Path) -> None:
    without = _names(tree)
    _git(tree, "init", "-q")
    assert without == _names(tree) == READ
    # What is tracked counts though it is ignored; what was removed does not.
    _git(tree, "add", "-f", "a.log", "a.py")
    (tree / "a.py").unlink()
    assert _names(tree) == (READ | {"a.log"}) - {"a.py"}


def test_a_folder_of_a_repository_is_read_by_the_rules_above_it_unless_it_is_ignored_itself(tree: Path) -> None:
    _git(tree, "init", "-q")
    assert _names(tree, tree / "sub") == {name for name in READ if name.startswith("sub/")}
    assert _names(tree, tree / "built") == {"built/b.py"}
    assert _names(tree, tree / "a.log") == {"a.log"}


def test_another_repository_inside_is_read_by_its_own_rules(tree: Path) -> None:
    _git(tree, "init", "-q")
    inner = tree / "inner"
    inner.mkdir()
    (inner / ".gitignore").write_text("x.py\n")
    (inner / "x.py").touch()
    (inner / "y.py").touch()
    _git(inner, "init", "-q")
    assert _names(tree) == READ | {"inner/.gitignore", "inner/y.py"}


def test_links_are_not_followed_below_a_path_and_none_leads_in_a_circle(tree: Path) -> None:
    (tree / "sub" / "up").symlink_to("..")
    (tree / "self").symlink_to("self")
    (tree / "link.py").symlink_to("a.py")
    assert _names(tree) == READ
    _git(tree, "init", "-q")
    assert _names(tree) == READ
    (tree.parent / "link").symlink_to(tree)
    assert {Path(path).name for path in files_below([tree.parent / "link"])} == {Path(name).name for name in READ}


@pytest.mark.parametrize("name", ["nothing", "broken", "a.py/b"])
def test_a_path_that_does_not_exist_is_an_error(tree: Path, name: str) -> None:
    (tree / "broken").symlink_to("nowhere")
    with pytest.raises(PathNotFoundError, match="does not exist"):
        require_paths([tree, tree / name])


def test_a_folder_that_cannot_be_read_is_left_out(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "no", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert _names(tree) == {name for name in READ if not name.startswith("sub/")}


def test_a_deep_tree_is_walked_to_its_end(tmp_path: Path) -> None:
    place = tmp_path
    for _ in range(400):
        place /= "d"
        place.mkdir()
    (place / "a.py").touch()
    assert len(list(files_below([tmp_path]))) == 1


# -- no code of the repository runs


@pytest.mark.parametrize(
    "settings",
    [
        {"core.fsmonitor": "{program}"},
        {"core.fsmonitor": "{program}", "core.untrackedCache": "true"},
        {"core.hooksPath": "{folder}"},
        {"core.pager": "{program}", "pager.ls-files": "true"},
        {"alias.ls-files": "!{program}", "alias.check-ignore": "!{program}"},
        {"core.sshCommand": "{program}", "remote.origin.url": "ssh://x/y", "remote.origin.promisor": "true"},
        {"filter.x.clean": "{program}", "filter.x.process": "{program}"},
        {"diff.external": "{program}", "core.editor": "{program}", "core.askPass": "{program}"},
    ],
)
def test_no_program_runs_that_a_strange_repository_names(tree: Path, settings: dict[str, str]) -> None:
    ran = tree.parent / "ran"
    program = tree.parent / "hooks" / "post-index-change"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n")
    program.chmod(0o755)
    _git(tree, "init", "-q")
    (tree / ".gitattributes").write_text("* filter=x\n")
    _git(tree, "add", ".gitattributes", "a.py")
    for name, value in settings.items():
        _git(tree, "config", name, value.format(program=program, folder=program.parent))
    assert git_files(tree) is not None
    assert not ran.exists()


def test_a_hooks_variables_do_not_lead_git_to_another_repository(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _git(other, "init", "-q")
    _git(tree, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert _names(tree) == READ


def test_where_git_cannot_say_the_ignore_files_do(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _git(tree, "init", "-q")
    shutil.rmtree(tree / ".git" / "objects")
    (tree / ".git" / "HEAD").write_text("nonsense")
    assert git_files(tree) is None
    assert _names(tree) == READ
    monkeypatch.setenv("PATH", "")
    assert git_files(tree) is None
    assert _names(tree) == READ


def test_a_file_that_is_named_twice_is_read_once_however_it_is_written(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    given = [Path(), Path("a.py"), Path("sub/../a.py"), Path("sub/built/c.py")]
    assert sorted(os.path.normpath(name) for name in files_below(given)) == sorted(READ)

"""The advice that installs something: it has to work from where llmhub was installed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llmhub.installation import install_line, shell_word

Noted = Callable[[Mapping[str, Any] | None], None]
PIP = f"{sys.executable} -m pip install"


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Noted:
    """Return a function that installs a llmhub of which an installer noted this; another pip comes first on PATH."""
    folder = tmp_path / "site-packages" / "llmhub_catalog-9.dist-info"

    def install(direct_url: Mapping[str, Any] | None) -> None:
        folder.mkdir(parents=True)
        extra = 'Requires-Dist: altair>=6; extra == "charts"\nRequires-Dist: click>=8\n'
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: llmhub-catalog\nVersion: 9\n{extra}")
        if direct_url is not None:
            (folder / "direct_url.json").write_text(json.dumps(direct_url))
        monkeypatch.syspath_prepend(str(folder.parent))

    monkeypatch.setenv("PATH", str(tmp_path))
    return install


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder that looks like a clone of llmhub."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    return folder


def test_a_clone_is_installed_from_its_folder(noted: Noted, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted({"url": clone.as_uri(), "dir_info": {}})
    assert install_line("charts", "groq") == f'{PIP} "{clone}[charts,groq]"'
    monkeypatch.chdir(clone)
    assert install_line("charts") == f'{PIP} ".[charts]"'
    assert install_line() == f"{PIP} ."
    assert install_line(again=True) == f"{PIP} --force-reinstall --no-deps ."


def test_an_editable_clone_stays_one(noted: Noted, clone: Path) -> None:
    noted({"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert install_line("charts") == f'{PIP} -e "{clone}[charts]"'


def test_a_wheel_and_an_address_are_named_with_the_distribution(noted: Noted) -> None:
    noted({"url": "https://example.org/llmhub_catalog-9-py3-none-any.whl", "archive_info": {}})
    wanted = "llmhub-catalog[charts] @ https://example.org/llmhub_catalog-9-py3-none-any.whl"
    assert install_line("charts") == f'{PIP} "{wanted}"'


def test_a_wheel_of_this_machine_is_named_as_long_as_it_is_there(noted: Noted, tmp_path: Path) -> None:
    wheel = tmp_path / "llmhub_catalog-9-py3-none-any.whl"
    wheel.touch()
    noted({"url": wheel.as_uri(), "archive_info": {}})
    assert install_line("charts") == f'{PIP} "llmhub-catalog[charts] @ {wheel.as_uri()}"'
    wheel.unlink()
    assert install_line("charts") == f'{PIP} "altair>=6"'


def test_a_repository_is_named_at_its_commit(noted: Noted) -> None:
    noted({"url": "https://example.org/llmhub.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}})
    assert install_line("charts") == f'{PIP} "llmhub-catalog[charts] @ git+https://example.org/llmhub.git@abc123"'


def test_a_password_in_an_address_is_not_shown(noted: Noted) -> None:
    noted({"url": "https://me:s3cret@example.org/llmhub.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}})
    assert install_line("charts") == f'{PIP} "altair>=6"'


def test_a_package_index_needs_only_the_name(noted: Noted) -> None:
    noted(None)
    assert install_line("charts") == f'{PIP} "llmhub-catalog[charts]"'


@pytest.mark.parametrize("url", ["", "file:///nowhere/at/all"])
def test_a_clone_that_is_gone_leaves_the_packages(noted: Noted, url: str) -> None:
    noted({"url": url, "dir_info": {}})
    assert install_line("charts") == f'{PIP} "altair>=6"'


def test_the_pip_of_this_very_environment_is_named_shortly(noted: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(None)
    pip = Path(sys.executable).with_name("pip")
    monkeypatch.setattr("shutil.which", lambda name: str(pip.with_name(name)))
    assert install_line("charts") == 'pip install "llmhub-catalog[charts]"'


def test_where_there_is_no_pip_uv_is_named(noted: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(None)
    monkeypatch.setattr("llmhub.installation.find_spec", lambda _: None)
    assert install_line("groq") == f'uv pip install --python {sys.executable} "llmhub-catalog[groq]"'


@pytest.mark.parametrize("text", ["plain", "two words", "it's", "two\nlines", "\x1b[31m'\\", "caf\udce91", "$HOME`x`"])
def test_a_shell_reads_a_word_as_it_was(text: str) -> None:
    word = shell_word(text)
    assert word.isprintable()
    said = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout
    assert said == text.encode("utf-8", "surrogateescape")

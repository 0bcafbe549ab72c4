"""The built wheel, installed beside the test environment's packages and run from another folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.support.processes.commands import ago, board, seed

TEMPLATES = REPOSITORY / "llmhub" / "report" / "templates"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (built,) = folder.glob("llmhub_catalog-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a fresh environment with the wheel in it; its dependencies are the test environment's."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    interpreter = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([interpreter, "-c", ask], check=True, capture_output=True, text=True).stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return interpreter


def test_the_wheel_holds_the_package_and_claims_no_other_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"llmhub", "llmhub_catalog"}
    for needed in ("py.typed", "_migrations/env.py", "_migrations/versions/0001_first_schema.py"):
        assert f"llmhub/{needed}" in names
    assert {f"llmhub/report/templates/{path.name}" for path in TEMPLATES.iterdir()} <= set(names)
    assert "llmhub/_vendor/arena/update_leaderboard_data.py" in names
    knowledge = "llmhub/catalog/data/overrides.json"
    assert [name for name in names if name.endswith((".db", ".parquet", ".json"))] == [knowledge]


def test_the_wheel_does_the_main_job_from_another_folder(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As its users run it.
    monkeypatch.delenv("SSL_CERT_FILE")
    program = """
import llmhub, llmhub.settings
print(llmhub.__file__, llmhub.settings.migrations_dir(), llmhub.settings.arena_script(), sep="\\n")
"""
    ran = subprocess.run([python, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True)
    for line in ran.stdout.splitlines():
        assert Path(line).is_relative_to(python.parent.parent)
        assert Path(line).exists()
    demo = subprocess.run([python, "-m", "llmhub", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (demo.returncode, demo.stderr) == (0, "")
    assert "7 models can be called" in demo.stdout


def test_the_wheel_makes_a_report(python: Path, tmp_path: Path) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=1))
    made = subprocess.run(
        [python, "-m", "llmhub", "report", "-o", "site"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "site" / "models" / "made-up-a.html").is_file()

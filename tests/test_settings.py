from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from platformdirs import user_config_path

from llmhub import settings
from llmhub.errors import SettingsError
from tests.conftest import REPOSITORY
from tests.support.processes.children import run_python

_SHOW_SHIPPED = """
import json
from llmhub import settings
from llmhub.errors import SettingsError
try:
    print(json.dumps([str(settings.migrations_dir()), str(settings.arena_script())]))
except SettingsError as error:
    print(json.dumps(str(error)))
"""


def test_by_default_everything_lies_in_the_users_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMHUB_CONFIG_DIR")
    assert settings.config_dir() == user_config_path("llmhub")
    assert settings.arena_db() == user_config_path("llmhub") / "arena" / "arena.db"


def test_the_configuration_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(tmp_path / "chosen"))
    assert settings.config_dir() == tmp_path / "chosen"
    assert settings.arena_dir() == tmp_path / "chosen" / "arena"
    files = [settings.catalog_file(), settings.overrides_file(), settings.modelsdev_file()]
    assert files == [tmp_path / "chosen" / name for name in ("catalog.json", "overrides.json", "modelsdev.json")]
    assert not (tmp_path / "chosen").exists()


def test_the_arenas_folder_can_be_chosen_by_itself(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_CACHE_DIR", str(tmp_path / "arena here"))
    assert settings.arena_db() == tmp_path / "arena here" / "arena.db"
    assert settings.config_dir() == home / "llmhub"


@pytest.mark.parametrize(
    ("variable", "function"),
    [
        ("LLMHUB_CONFIG_DIR", settings.config_dir),
        ("LLMHUB_ARENA_CACHE_DIR", settings.arena_dir),
        ("LLMHUB_ARENA_SCRIPT", settings.arena_script),
    ],
)
def test_a_chosen_path_may_be_relative_or_start_at_home(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, function: object
) -> None:
    assert callable(function)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, "below/this")
    assert function() == tmp_path / "below" / "this"
    monkeypatch.setenv(variable, "~/that")
    assert function() == home / "that"


@pytest.mark.parametrize("variable", ["LLMHUB_ARENA_CACHE_DIR", "LLMHUB_ARENA_SCRIPT", "LLMHUB_ARENA_TIMEOUT"])
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    def everything() -> list[object]:
        return [settings.arena_dir(), settings.arena_script(), settings.arena_timeout()]

    before = everything()
    monkeypatch.setenv(variable, "")
    assert everything() == before


def test_asking_where_things_are_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(tmp_path / "chosen"))
    before = sorted(tmp_path.rglob("*"))
    settings.arena_db(), settings.arena_script(), settings.migrations_dir()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("text", "seconds"), [(None, 300.0), ("5", 5.0), ("0.5", 0.5), (" 7 ", 7.0), ("1e3", 1000.0)])
def test_the_scripts_time_is_300_seconds_or_what_was_chosen(
    monkeypatch: pytest.MonkeyPatch, text: str | None, seconds: float
) -> None:
    if text is not None:
        monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", text)
    assert settings.arena_timeout() == seconds


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "-inf", "1e999", "soon", "5s", "1,5"])
def test_a_time_that_is_no_positive_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", text)
    with pytest.raises(SettingsError, match=f"LLMHUB_ARENA_TIMEOUT is '{text}'.*positive number of seconds"):
        settings.arena_timeout()


@pytest.mark.parametrize(
    ("text", "offline"),
    [
        *((on, True) for on in ("1", "true", "yes", "on", "anything")),
        *((off, False) for off in (None, "", " ", "0", "false", "False", "no", "off", "OFF")),
    ],
)
def test_offline_is_any_value_that_does_not_say_no(
    monkeypatch: pytest.MonkeyPatch, text: str | None, *, offline: bool
) -> None:
    if text is not None:
        monkeypatch.setenv("LLMHUB_OFFLINE", text)
    assert settings.offline() is offline


def package_in(folder: Path, *parts: str) -> Path:
    """Copy the package, and empty folders of these names, into a folder; return the folder."""
    shutil.copytree(REPOSITORY / "llmhub", folder / "llmhub", ignore=shutil.ignore_patterns("__pycache__"))
    for part in parts:
        (folder / part).mkdir()
    return folder


def shipped(folder: Path) -> object:
    """Return what the package in that folder takes for its own migrations and script."""
    return json.loads(run_python(_SHOW_SHIPPED, checkout=folder))


def test_a_checkout_uses_its_own_migrations_and_script_whatever_is_installed(tmp_path: Path) -> None:
    folder = package_in(tmp_path / "a checkout, 100 %", "migrations", "vendor")
    (folder / "pyproject.toml").touch()
    script = folder / "vendor" / "arena" / "update_leaderboard_data.py"
    assert shipped(folder) == [str(folder / "migrations"), str(script)]


def test_an_installed_package_uses_what_it_carries_and_nothing_beside_it(tmp_path: Path) -> None:
    inside = ("llmhub/_migrations", "llmhub/_vendor")
    folder = package_in(tmp_path / "site-packages", *inside, "migrations", "vendor")
    script = folder / "llmhub" / "_vendor" / "arena" / "update_leaderboard_data.py"
    assert shipped(folder) == [str(folder / "llmhub" / "_migrations"), str(script)]


def test_an_incomplete_installation_says_so_and_takes_nothing_of_other_projects(tmp_path: Path) -> None:
    folder = package_in(tmp_path / "site-packages", "migrations", "vendor")
    missing = folder / "llmhub" / "_migrations"
    said = str(shipped(folder))
    assert said.startswith(f"this installation of llmhub is incomplete: {missing} is missing; ")
    assert " install --force-reinstall --no-deps " in said


def test_without_the_setting_all_providers_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.providers() is None
    monkeypatch.setenv("LLMHUB_PROVIDERS", "")
    assert settings.providers() is None


def test_the_allowed_providers_are_named_in_any_case_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_PROVIDERS", " openai, Groq,,openai ,")
    assert settings.providers() == ("openai", "groq")


def test_a_setting_that_names_no_provider_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_PROVIDERS", " , ")
    with pytest.raises(SettingsError, match=r"LLMHUB_PROVIDERS is ' , '.*unset it"):
        settings.providers()


def test_models_dev_is_asked_at_its_own_address_unless_another_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.modelsdev_url() == "https://models.dev/api.json"
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", "  ")
    assert settings.modelsdev_url() == "https://models.dev/api.json"
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", " http://127.0.0.1:8000/mirror.json ")
    assert settings.modelsdev_url() == "http://127.0.0.1:8000/mirror.json"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "s3cret", "http://", "http://[s3cret", "https://s3cret:x/"])
def test_what_is_no_address_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", address)
    with pytest.raises(
        SettingsError, match="LLMHUB_MODELSDEV_URL is not an http or https address: set it to one"
    ) as caught:
        settings.modelsdev_url()
    assert "s3cret" not in str(caught.value)


def test_a_setting_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.setting("LLMHUB_PROVIDERS") == ""
    monkeypatch.setenv("LLMHUB_PROVIDERS", " openai,groq ")
    assert settings.setting("LLMHUB_PROVIDERS") == "openai,groq"


@pytest.mark.parametrize("variable", ["LLMHUB_CONFIG_DIR", "LLMHUB_ARENA_CACHE_DIR", "LLMHUB_ARENA_SCRIPT"])
def test_a_path_in_the_home_of_a_user_that_there_is_not_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "~nobody-of-this-name/llmhub")
    asked = {"LLMHUB_CONFIG_DIR": settings.config_dir, "LLMHUB_ARENA_CACHE_DIR": settings.arena_dir}
    with pytest.raises(SettingsError, match=f"{variable} is .*no such home"):
        asked.get(variable, settings.arena_script)()

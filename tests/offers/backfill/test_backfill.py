from __future__ import annotations

import gzip
import json
import os
import shutil
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import SnapshotStore
from llmhub.errors import SourceError
from llmhub.offers.backfill.run import Backfilled, backfill
from llmhub.offers.importing import identify, import_documents
from llmhub.offers.sql.storing import offer_writer
from tests.offers.offers import offers
from tests.support.made_up.git_clones import PROVIDER, Commit, Content, Link, clone, git, model
from tests.support.made_up.stored_offers import store_offers

NOW = datetime(2026, 11, 29, tzinfo=UTC)
FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACME = {"providers/acme/provider.toml": PROVIDER, "providers/acme/models/a.toml": model(1.0)}

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs the git command")


def filled(store: Path, folder: Path, *, now: datetime = NOW, since: datetime | None = None) -> Backfilled:
    with offer_writer(store) as writer:
        return backfill(writer, folder, now=now, since=since)


def prices(store: Path, model_id: str = "acme/a") -> list[tuple[datetime, float | None]]:
    with SnapshotStore.open(store) as opened:
        return [(row.taken_at, row.input) for row in opened.price_history(model_id, now=NOW)[model_id]]


def test_each_day_is_stored_as_its_last_commit_left_it(tmp_path: Path) -> None:
    folder = clone(
        tmp_path / "clone",
        [
            (FIRST, {"README.md": "made up"}),
            (FIRST + HOUR, ACME),
            (FIRST + DAY, {"providers/acme/models/a.toml": model(5.0)}),
            (FIRST + DAY + 14 * HOUR, {"providers/acme/models/a.toml": model(2.0)}),
            (FIRST + DAY + 15 * HOUR, {"providers/acme/models/lab/b.toml": model(3.0)}),
            (FIRST + 5 * DAY, {"providers/acme/models/a.toml": None, "README.md": "other"}),
        ],
    )
    store = tmp_path / "arena.db"
    done = filled(store, folder)
    assert done.stored == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 6)]
    assert (done.known, done.refused, done.gaps, done.offers) == ([], [], [], 1)
    assert prices(store) == [(FIRST + HOUR, 1.0), (FIRST + DAY + 14 * HOUR, 2.0), (FIRST + 5 * DAY, None)]
    with SnapshotStore.open(store) as opened:
        assert opened.offers("2026-03-03", now=NOW).keys() == {"acme/a", "acme/lab/b"}
        # A day without a commit is as the day before.
        assert opened.offers("2026-03-05", now=NOW) == opened.offers("2026-03-03", now=NOW)
    ids = git(folder, "log", "--format=%H", "--reverse").splitlines()
    with offer_writer(store) as writer, writer.transaction() as connection:
        assert [row[0] for row in connection.execute("SELECT revision FROM snapshot ORDER BY taken_at")] == [
            ids[1],
            *ids[3:],
        ]


def test_all_ages_of_the_format_are_understood(tmp_path: Path) -> None:
    old = (
        'name = "A"\nattachment = true\nreasoning = false\ninput_modalities = ["text"]\noutput_modalities = ["text"]\n'
    )
    old += "[cost]\ninput = 3\noutput = 15\ninputCached = 0.3\noutputCached = 3.75\n[limit]\ncontext = 9\noutput = 4\n"
    own_file = '[extends]\nfrom = "acme/a"\nomit = ["cost.inputCached"]\n[cost]\ninput = 4\n'
    based = 'base_model = "lab/a"\nbase_model_omit = ["limit.output"]\n[cost]\ninput = 1\noutput = 2\n'
    folder = clone(
        tmp_path / "clone",
        [
            (FIRST, {"providers/acme/provider.toml": PROVIDER, "providers/acme/models/a.toml": old}),
            (
                FIRST + DAY,
                {
                    "providers/other/provider.toml": PROVIDER,
                    "providers/other/models/link.toml": Link("../../acme/models/a.toml"),
                    "providers/other/models/x/deep.toml": Link("../link.toml"),
                    "providers/other/models/folder": Link("../../acme/models"),
                    "providers/other/models/own.toml": own_file,
                    "providers/third/provider.toml": PROVIDER,
                    "providers/third/models": Link("../acme/models"),
                    "providers/third/provider.json": "{}",
                },
            ),
            (
                FIRST + 2 * DAY,
                {
                    "models/lab/a.toml": 'name = "Base"\nlicense = "x"\n[limit]\ncontext = 50\noutput = 40\n',
                    "providers/acme/models/a.toml": based,
                },
            ),
            (FIRST + 3 * DAY, {"models/lab/a.toml": 'name = "Base"\n[limit]\ncontext = 60\n'}),
        ],
    )
    store = tmp_path / "arena.db"
    assert filled(store, folder).gaps == []
    with SnapshotStore.open(store) as opened:
        (first,) = opened.offers("2026-03-01", now=NOW).values()
        assert (first.price_cache_read_per_million, first.price_cache_write_per_million) == (0.3, 3.75)
        assert (first.input_modalities, first.attachments) == (("text",), True)
        second = opened.offers("2026-03-02", now=NOW)
        same = {"other/link", "other/x/deep", "other/folder/a", "third/a"}
        assert second.keys() == {"acme/a", "other/own", *same}
        for key in same:
            assert second[key].model_dump(exclude={"canonical_id", "provider", "model_id"}) == first.model_dump(
                exclude={"canonical_id", "provider", "model_id"}
            )
        own = second["other/own"]
        assert (own.price_input_per_million, own.price_output_per_million) == (4, 15)
        assert (own.price_cache_read_per_million, own.price_cache_write_per_million) == (None, 3.75)
        assert own.context_tokens == 9
        third, fourth = (opened.offers(f"2026-03-0{day}", now=NOW) for day in (3, 4))
        # What changed is the base alone, of files that are as before.
        for told, context in ((third, 50), (fourth, 60)):
            for key in ("acme/a", *same):
                assert (told[key].context_tokens, told[key].max_output_tokens) == (context, None)
                assert (told[key].display_name, told[key].canonical_model_id) == ("Base", "lab/a")
            assert (told["other/own"].price_input_per_million, told["other/own"].context_tokens) == (4, context)


def test_what_cannot_be_read_is_named_with_its_days_and_the_rest_is_stored(tmp_path: Path) -> None:
    bad: dict[str, Content] = {
        "providers/acme/models/broken.toml": "name = ",
        "providers/acme/models/nowhere.toml": Link("../gone.toml"),
        "providers/acme/models/out.toml": Link("../../../../etc/passwd"),
        "providers/acme/models/absolute.toml": Link("/etc/passwd"),
        "providers/acme/models/circle.toml": Link("circle.toml"),
        "providers/acme/models/huge.toml": f"name = '{'x' * (1 << 16)}'",
        "providers/acme/models/self.toml": '[extends]\nfrom = "acme/self"\n',
        "providers/acme/models/base.toml": 'base_model = "lab/gone"\n',
        "providers/acme/models/nan.toml": model().replace("input = 1.0", "input = nan"),
        "providers/acme/models/minus.toml": model(-1.0),
        "providers/acme/models/list.toml": "name = 'x'\nlimit = 5\n",
        "providers/acme/models/ .toml": model(),
        "providers/nobody/models/a.toml": model(),
        "providers/file": "no folder",
        "providers/acme/models/note.txt": "no model",
    }
    days: list[Commit] = [
        (FIRST, {**ACME, **bad}),
        (FIRST + DAY, {"README.md": "x"}),
        (FIRST + 2 * DAY, dict.fromkeys(bad)),
    ]
    store = tmp_path / "arena.db"
    done = filled(store, clone(tmp_path / "clone", days))
    assert len(done.stored) == 3
    assert {(gap.first, gap.last, gap.days) for gap in done.gaps} == {(date(2026, 3, 1), date(2026, 3, 2), 2)}
    told = {gap.skipped.path.removeprefix("providers/"): gap.skipped.why for gap in done.gaps}
    expected = {
        "acme/models/broken.toml": "found text that is not TOML",
        "acme/models/nowhere.toml": "is a symbolic link that leads to no file of the commit; the model is left out",
        "acme/models/out.toml": "is a symbolic link that leads to no file",
        "acme/models/absolute.toml": "is a symbolic link that leads to no file",
        "acme/models/circle.toml": "is a symbolic link that leads to no file",
        "acme/models/huge.toml": "is larger than any file of a model",
        "acme/models/self.toml": "it builds on providers/acme/models/self.toml, which builds on itself",
        "acme/models/base.toml": "it builds on models/lab/gone.toml, which is not there",
        "acme/models/nan.toml": "cost.input: found nan, expected",
        "acme/models/minus.toml": "cost.input: found -1.0, expected",
        "acme/models/list.toml": "limit: found 5, expected an object",
        "acme/models/ .toml": "has a name that no model can have",
        "nobody": "has no provider.toml; its models are left out",
    }
    assert told.keys() == expected.keys()
    for path, said in expected.items():
        assert said in told[path], path
    with SnapshotStore.open(store) as opened:
        first = opened.offers("1", now=NOW)
        assert first.keys() == {"acme/a", "acme/nan", "acme/minus", "acme/list"}
        assert first["acme/nan"].price_input_per_million is None
        assert opened.offers("3", now=NOW).keys() == {"acme/a"}


def test_a_backfill_again_adds_what_came_since_and_reads_nothing_else(tmp_path: Path) -> None:
    folder = clone(
        tmp_path / "clone", [(FIRST + n * DAY, ACME | {"providers/acme/models/a.toml": model(n + 1)}) for n in range(5)]
    )
    store = tmp_path / "arena.db"
    assert len(filled(store, folder, since=FIRST + 3 * DAY).stored) == 2
    size = store.stat().st_size
    again = filled(store, folder, since=FIRST + 3 * DAY)
    assert (again.stored, len(again.known), store.stat().st_size) == ([], 2, size)
    whole = filled(store, folder)
    assert (len(whole.stored), len(whole.known)) == (3, 2)
    in_order = tmp_path / "other.db"
    filled(in_order, folder)
    assert prices(store) == prices(in_order)


def test_a_day_that_changes_nothing_costs_its_rows_alone(tmp_path: Path) -> None:
    many = ACME | {f"providers/acme/models/m{number}.toml": model(number) for number in range(300)}
    folder = clone(
        tmp_path / "clone", [(FIRST, many), *((FIRST + n * DAY, {"README.md": str(n)}) for n in range(1, 20))]
    )
    one, all_ = tmp_path / "one.db", tmp_path / "all.db"
    filled(one, folder, now=FIRST + HOUR)
    assert len(filled(all_, folder).stored) == 20
    # A row of each snapshot and of each of its lists, with their index: under 200 bytes a day.
    assert all_.stat().st_size - one.stat().st_size <= 19 * 200 + 4096


def test_a_commit_counts_from_when_it_came_to_the_branch(tmp_path: Path) -> None:
    days = [
        (FIRST + 3 * DAY, ACME),
        # Made with a clock that was behind, and with one that is ahead.
        (FIRST, {"providers/acme/models/a.toml": model(2.0)}),
        (NOW + DAY, {"providers/acme/models/a.toml": model(3.0)}),
    ]
    store = tmp_path / "arena.db"
    done = filled(store, clone(tmp_path / "clone", days))
    assert prices(store) == [(FIRST + 3 * DAY, 2.0)]
    assert done.stored == [date(2026, 3, 4)]


def test_only_the_branch_itself_counts_and_not_what_was_merged_into_it_before_it_was(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone", [(FIRST, ACME)])
    base = git(folder, "rev-parse", "dev")
    text = model(7.0)
    file = f"M 100644 inline providers/acme/models/a.toml\ndata {len(text)}\n{text}\n"
    who = "committer Made Up <made@up.invalid>"
    times = [int((FIRST + days * DAY).timestamp()) for days in (1, 9)]
    stream = f"commit refs/heads/topic\n{who} {times[0]} +0000\ndata 0\nfrom {base}\n{file}"
    stream += f"commit refs/heads/dev\n{who} {times[1]} +0000\ndata 0\nfrom {base}\nmerge refs/heads/topic\n{file}"
    git(folder, "fast-import", "--quiet", content=stream.encode())
    store = tmp_path / "arena.db"
    assert len(filled(store, folder).stored) == 2
    assert prices(store) == [(FIRST, 1.0), (FIRST + 9 * DAY, 7.0)]


def test_a_moment_that_is_stored_with_other_prices_is_named_and_not_overwritten(tmp_path: Path) -> None:
    store = tmp_path / "arena.db"
    store_offers(store, offers("acme/a"), taken_at=FIRST + DAY)
    days = [(FIRST + n * DAY, ACME | {"README.md": str(n)}) for n in range(3)]
    done = filled(store, clone(tmp_path / "clone", days))
    assert done.stored == [date(2026, 3, 1), date(2026, 3, 3)]
    (error,) = done.refused
    assert "says something else already of acme" in str(error)
    with SnapshotStore.open(store) as opened:
        assert opened.offers("2026-03-02", now=NOW) == offers("acme/a")


def test_a_folder_that_is_no_whole_clone_of_models_dev_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = clone(tmp_path / "whole", [(FIRST + n * DAY, ACME | {"README.md": str(n)}) for n in range(2)])
    git(tmp_path, "clone", "-q", "--bare", str(whole), "bare.git")
    git(tmp_path, "clone", "-q", "--depth", "1", whole.as_uri(), "shallow")
    partial = clone(tmp_path / "partial", [(FIRST, ACME)])
    git(partial, "config", "remote.origin.promisor", "true")
    damaged = clone(tmp_path / "damaged", [(FIRST, ACME)])
    shutil.rmtree(damaged / ".git" / "objects")
    (damaged / ".git" / "objects").mkdir()
    inside = whole / "inside"
    inside.mkdir()
    (tmp_path / "plain").mkdir()
    told = {
        tmp_path / "plain": "is not a git repository, expected a clone of models.dev: `git clone https://github.com/",
        inside: "is not a git repository",
        tmp_path / "gone": "found no such folder",
        tmp_path / "bare.git": "is a bare repository, expected a clone with a work tree: `git clone --no-checkout",
        tmp_path / "shallow": "is a shallow clone, which lacks the past: `git -C",
        partial: "is a partial clone (--filter)",
        clone(tmp_path / "empty", []): "has no commit yet",
        clone(tmp_path / "strange", [(FIRST, {"a.txt": "x"})]): "is not a clone of models.dev: its commit",
        clone(tmp_path / "named", [(FIRST, {"providers/x.txt": "x"})]): "is not a clone of models.dev: its commit",
        damaged: "has no commit yet",
    }
    store = tmp_path / "arena.db"
    for folder, said in told.items():
        with pytest.raises(SourceError) as caught:
            filled(store, folder)
        assert said in str(caught.value), folder
        assert str(folder) in str(caught.value)
        assert "\n" not in str(caught.value)
    with SnapshotStore.open(store) as opened, pytest.raises(LookupError):
        opened.offers(now=NOW)


def test_links_and_folders_that_multiply_are_given_up(tmp_path: Path) -> None:
    links = {f"providers/acme/models/l{number}": Link(".") for number in range(9)}
    folder = clone(tmp_path / "clone", [(FIRST, ACME), (FIRST + DAY, links)])
    store = tmp_path / "arena.db"
    with pytest.raises(SourceError, match="has over 60,000 files in providers/, links followed"):
        filled(store, folder)
    assert prices(store) == [(FIRST, 1.0)]


def test_a_clone_that_lacks_a_file_says_so_and_the_days_before_stay(tmp_path: Path) -> None:
    changed = {"providers/acme/models/a.toml": model(2.0)}
    folder = clone(tmp_path / "clone", [(FIRST, ACME), (FIRST + DAY, changed)])
    number = git(folder, "rev-parse", "dev:providers/acme/models/a.toml")
    (folder / ".git" / "objects" / number[:2] / number[2:]).unlink()
    store = tmp_path / "arena.db"
    with pytest.raises(SourceError, match=rf"cannot be read to the end \(git found no blob {number}\): `git -C"):
        filled(store, folder)
    assert prices(store) == [(FIRST, 1.0)]


def test_no_program_that_a_strange_clone_names_is_run_and_no_variable_of_git_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = clone(tmp_path / "clone", [(FIRST, ACME)])
    mark = tmp_path / "was-run"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    hooks = folder / ".git" / "hooks"
    shutil.rmtree(hooks, ignore_errors=True)
    shutil.copytree(tmp_path, hooks, ignore=shutil.ignore_patterns("clone"))
    for name in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        shutil.copy(program, hooks / name)
    for key in (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "gpg.program"),
        *("diff.external", "diff.toml.textconv", "filter.toml.smudge", "filter.toml.process", "credential.helper"),
        *("core.alternateRefsCommand", "pager.cat-file", "pager.rev-list", "alias.rev-list", "alias.cat-file"),
    ):
        git(folder, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    git(folder, "config", "log.showSignature", "true")
    (folder / ".gitattributes").write_text("*.toml diff=toml filter=toml\n")
    mark.unlink(missing_ok=True)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_CEILING_DIRECTORIES"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TRACE", str(mark))
    monkeypatch.setenv("GIT_SSH_COMMAND", str(program))
    assert len(filled(tmp_path / "arena.db", folder).stored) == 1
    assert not mark.exists()
    git(folder, "status")
    assert mark.exists()


def test_a_clone_of_another_user_is_not_read_and_what_to_do_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = clone(tmp_path / "clone", [(FIRST, ACME)])
    # git's own way to take each folder for another user's.
    stand_in = tmp_path / "bin" / "git"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    stand_in.chmod(stat.S_IRWXU)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SourceError, match="belongs to another user") as caught:
        filled(tmp_path / "arena.db", folder)
    command = str(caught.value).partition("`git ")[2].partition("`")[0]
    git_config = tmp_path / ".gitconfig"
    git_config.write_text(f"[safe]\n\tdirectory = {command.rpartition(' ')[2]}\n")
    assert len(filled(tmp_path / "arena.db", folder).stored) == 1


def test_without_git_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = clone(tmp_path / "clone", [(FIRST, ACME)])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="found no git command, which reads the clone: install git"):
        filled(tmp_path / "arena.db", folder)


def test_a_folder_of_an_odd_name_is_read(tmp_path: Path) -> None:
    folder = clone(tmp_path / "-c 'a' $(b)\n\u00fc", [(FIRST, ACME)])
    assert len(filled(tmp_path / "arena.db", folder).stored) == 1


@pytest.mark.needs_shared
def test_real_documents_written_as_a_clone_are_read_back_as_imported(shared_data: Path, tmp_path: Path) -> None:
    files = [shared_data / "modelsdev" / "history" / f"api-{day}.json.gz" for day in ("2025-06-20", "2025-10-15")]
    commits: list[tuple[datetime, dict[str, Content]]] = []
    for file in files:
        told = json.loads(gzip.decompress(file.read_bytes()))
        before = dict.fromkeys(commits[-1][1]) if commits else {}
        written = {f"providers/{provider}/provider.toml": PROVIDER for provider in told}
        for provider, entry in told.items():
            for model_id, row in entry["models"].items():
                lines = (f"{key} = {_toml(value)}\n" for key, value in row.items())
                written[f"providers/{provider}/models/{model_id}.toml"] = "".join(lines)
        day = datetime.fromisoformat(file.name[4:14]).replace(tzinfo=UTC)
        commits.append((day + 9 * HOUR, {**before, **written}))
    store, other = tmp_path / "arena.db", tmp_path / "other.db"
    done = filled(store, clone(tmp_path / "clone", commits))
    assert {gap.skipped.why for gap in done.gaps} == {
        "knowledge: found '2025-02-31', which is not a date: taken as unknown"
    }
    with offer_writer(other) as writer:
        assert all(done.new for done in import_documents(writer, [identify(path, now=NOW) for path in files]))
    with SnapshotStore.open(store) as ours, SnapshotStore.open(other) as theirs:
        for reference in ("1", "2"):
            assert ours.offers(reference, now=NOW) == theirs.offers(reference, now=NOW)


def _toml(value: Any) -> str:
    """Return a value of JSON in TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inside)}" for key, inside in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)

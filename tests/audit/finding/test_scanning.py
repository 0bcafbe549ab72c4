"""Where ids stand in texts of every kind, and where words that look like ids do not count."""

from __future__ import annotations

import json

import pytest

from llmhub.audit.finding.kinds import Kind
from tests.audit.made_up import mentions, written


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", 'client.create(model="gpt-4")'),
        ("python", "NAMES = {'gpt-4': 1}"),
        ("python", 'x = f"{base}: openai:gpt-4"'),
        ("python", 'x = """\nuse gpt-4, please\n"""'),
        ("python", 'x = ("a"\n     "gpt-4")'),
        ("python", 'say("the answer of gpt-4.")'),
        ("python", 'x = "first line\\ngpt-4\\n"'),
        ("python", 'url = "https://x.openai.azure.com/openai/deployments/gpt-35-turbo/chat/completions"'),
        ("python", 'url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-1.5-pro:generateContent"'),
        ("python", 'url = "https://api.openai.com/v1/models/gpt-4"'),
        ("script", "const model = 'gpt-4'; // a comment"),
        ("script", "const model = `gpt-4`;"),
        ("script", 'const a = {model: process.env.M ?? "gpt-4"};'),
        ("char-c-like", 'var m = "gpt-4";'),
        ("char-c-like", "let c = 'x'; let m = \"gpt-4\";"),
        ("char-c-like", 'let s = r#"{"model":"gpt-4"}"#;'),
        ("hash", "m = %w[gpt-4 other]"),
        ("hash", "m = <<~JSON\n  {model: gpt-4}\nJSON\n"),
        ("c-like", 'variable "m" {\n  default = "gpt-4"\n}'),
        ("c-like", "m = gpt-4 # a comment"),
        ("hash", "model = 'gpt-4' # a comment"),
        ("lines", "model: gpt-4"),
        ("lines", "models:\n  - gpt-4\n"),
        ("lines", "gpt-4:\n  rpm: 10\n"),
        ("lines", 'model = "gpt-4"  # a comment'),
        ("lines", "MODEL=gpt-4"),
        ("lines", "image: ${MODEL:-gpt-4}"),
        ("lines", "run --model gpt-4 --quiet"),
        ("lines", "run --model=gpt-4"),
        ("lines", "set model:gpt-4"),
        ("lines", "ENV A=b MODEL=gpt-4"),
        ("json", '{"model": "gpt-4"}'),
        ("json", '{"gpt-4": {"a": 1}}'),
        ("markup", '<option value="gpt-4">the best</option>'),
        ("markup", "<llm><modelName>gpt-4</modelName></llm>"),
        ("markup", '<a:model id="x">\n  gpt-4\n</a:model>'),
        ("other", "model('gpt-4')"),
    ],
)
def test_an_id_is_found_in_every_kind_of_text(kind: Kind, text: str) -> None:
    found = written(text, kind)
    assert len(found) == 1, found
    assert "gpt-" in found[0] or "gemini" in found[0]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", "# model = 'gpt-4'"),
        ("python", '"""Ask gpt-4."""\nx = 1'),
        ("python", 'def ask():\n    r"""Ask gpt-4."""\n'),
        ("python", "def ask():\n    'Ask gpt-4.'  # a docstring\n"),
        ("python", "gpt - 4"),
        ("python", 'open("gpt-4.json")'),
        ("python", 'open("./prompts/gpt-4/system.txt")'),
        ("python", 'see("https://platform.openai.com/docs/models/gpt-4")'),
        ("python", 'x = "my-gpt-4"'),
        ("python", 'x = "gpt-4-of-mine"'),
        ("python", 'x = "\\ngpt-4o_x"'),
        ("script", "// gpt-4"),
        ("script", "/* use\n gpt-4 */ let x = 1"),
        ("script", "let x = gpt-4"),
        ("char-c-like", '// don\'t use "gpt-4"'),
        ("lines", "# model: gpt-4"),
        ("lines", "a: b # gpt-4"),
        ("markup", "<!-- gpt-4 --><p>gpt-4</p>"),
        ("hash", "x # 'gpt-4'"),
        ("hash", "<<HEADER::8, gpt-4>>"),
    ],
)
def test_comments_docstrings_paths_and_other_words_do_not_count(kind: Kind, text: str) -> None:
    assert written(text, kind) == []


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("python", "# gpt-4", ["gpt-4"]),
        ("python", '"""Ask gpt-4 or `gpt-4o`."""', ["gpt-4", "gpt-4o"]),
        ("docs", "# Models\n\nUse gpt-4.\n```\nmodel = 'gpt-4o'\n```\n", ["gpt-4", "gpt-4o"]),
        ("docs", "a command, an auto pilot and a sonar", []),
    ],
)
def test_with_docs_what_is_written_for_people_counts_too(kind: Kind, text: str, found: list[str]) -> None:
    assert written(text, kind, docs=True) == found


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", 'ask(model="o1")'),
        ("python", 'model: str = "o1"'),
        ("python", 'model: str = Field(default="o1")'),
        ("python", 'M = os.getenv("MODEL", "o1")'),
        ("python", 'ask("openai/o1")'),
        ("python", 'ask("openai:o1")'),
        ("python", 'MODELS = ["o1"]'),
        ("python", 'MODELS = [\n    "gpt-5x",\n    "o1",\n]'),
        ("python", 'cohere.chat("command")'),
        ("script", 'const a = { model: "o1" }'),
        ("script", 'const m = process.env.MODEL || "o1";'),
        ("lines", "model: sonar"),
        ("lines", "default_model: auto"),
        ("lines", "models:\n  - gpt-5x\n  - o1\n"),
        ("lines", "MODEL=o1"),
        ("lines", "run --model o1"),
        ("lines", "provider: cohere, name: command-r"),
        ("script", 'if (model === "o1") {}'),
        ("markup", "<model>command</model>"),
        ("python", 'client.models.retrieve("o1")'),
        ("char-c-like", 'llm.WithModel("o1")'),
        ("json", '{"model": "command"}'),
    ],
)
def test_an_ordinary_word_counts_beside_its_provider_or_as_what_a_key_calls_a_model(kind: Kind, text: str) -> None:
    assert len(written(text, kind)) == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", 'run("command")'),
        ("python", 'mode = "auto"'),
        ("python", 'model_type = "auto"'),
        ("python", 'model: Literal["auto"]'),
        ("python", 'data = {"o1": 1}'),
        ("python", 'print("the model is on auto pilot")'),
        ("python", 'model = Model(kind="auto")'),
        ("lines", "command: run"),
        ("lines", "margin: auto"),
        ("lines", "steps:\n  - command\n  - auto\n"),
        ("json", '{"size": "auto"}'),
        ("script", "margin = 'auto'"),
        ("script", 'if (model.startsWith("o1")) {}'),
        ("script", 'ok = body.model.includes("command")'),
        ("script", 'const models = all.filter(m => m.type === "auto")'),
        ("script", 'models.map((m) => convert(m, ["auto"]))'),
        ("script", 'const MODEL_ROLES = ["auto"]'),
        ("char-c-like", 'strings.Contains(modelName, "o1")'),
        ("char-c-like", 'strings.HasPrefix(model, "command")'),
        ("char-c-like", 'llms.NewErrorMapper("auto")'),
        ("python", 'if "o1" in model_name: pass'),
        ("python", 'is_model_capable("auto")'),
        ("script", '["ollama", "mistral"].includes(provider)'),
        ("lines", "command: run cohere"),
        ("lines", "text: a guide on Cohere's command models for all"),
    ],
)
def test_an_ordinary_word_elsewhere_does_not_count(kind: Kind, text: str) -> None:
    assert written(text, kind) == []


def test_an_id_that_begins_with_an_at_sign_is_found_whole() -> None:
    at_cloudflare = "@cf/meta/llama-3-8b-instruct"
    assert written(f"- name: '{at_cloudflare}'", "lines") == [at_cloudflare]
    assert written(f'x = "{at_cloudflare}"') == [at_cloudflare]
    assert written('x = "@gpt-4"') == ["gpt-4"]


def test_a_line_that_says_so_is_left_alone() -> None:
    lines = ['a = "gpt-4"  # llmhub: ignore', 'b = "gpt-4"  # llmhub:ignore, it is a fixture', 'c = "gpt-4"']
    assert [mention.line for mention in mentions("\n".join(lines))] == [3]
    assert written('let a = "gpt-4"; // llmhub: ignore', "script") == []


def test_each_place_has_its_line_and_its_column_in_characters() -> None:
    text = 'x = 1\r\nä = {"é": "gpt-4", "o": "gpt-4o"}\r\n\r\nask("gpt-4")'
    found = [(mention.meant.written, mention.line, mention.column) for mention in mentions(text)]
    assert found == [("gpt-4", 2, 12), ("gpt-4o", 2, 26), ("gpt-4", 4, 6)]


def test_a_long_line_without_an_end_is_read_in_blocks() -> None:
    text = b"x = [" + b'"aaaaaaaa", ' * 300_000 + b'"gpt-4"]'
    (found,) = mentions(text)
    assert (found.line, found.column) == (1, len(text) - 6)


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert written(b'\xff\xfe x = "gpt-4" \xc3') == ["gpt-4"]
    assert written(b'\xff"gpt-4\xff"') == ["gpt-4"]


def _notebook(*cells: tuple[str, object]) -> str:
    made = [{"cell_type": kind, "metadata": {"cells": ["gpt-4"]}, "source": source} for kind, source in cells]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {"title": "gpt-4"}}, indent=1)


def test_in_a_notebook_the_code_counts_at_the_line_of_the_file() -> None:
    text = _notebook(
        ("markdown", ["gpt-4 is old"]),
        ("code", ["# gpt-4\n", "x = 1\n", 'ask(model="gpt-4")\n', "ask('gpt-4o')"]),
        ("code", 'import x\nask("o1")\nask(model="o1")'),
        ("code", ["%%bash\n", "run --model gpt-4"]),
    )
    found = mentions(text, "notebook")
    lines = text.splitlines()
    assert [(mention.meant.written, mention.cell) for mention in found] == [
        ("gpt-4", 2),
        ("gpt-4o", 2),
        ("o1", 3),
        ("gpt-4", 4),
    ]
    for mention in found:
        assert lines[mention.line - 1][mention.column - 1 :].startswith(mention.meant.written)
    assert 'model=\\"gpt-4' in lines[found[0].line - 1]
    with_docs = mentions(text, "notebook", docs=True)
    assert [mention.cell for mention in with_docs] == [1, 2, 2, 2, 3, 4]


def test_a_notebooks_lines_for_the_shell_are_read_as_a_shells() -> None:
    text = _notebook(
        ("code", ["!echo don't ask\n", "!llm -m gpt-4 hello\n", 'ask("gpt-4o")\n', "said = !llm -m gpt-4 bye\n"]),
        ("code", "%env MODEL=gpt-4\nx = 1 != 2  # gpt-4\n%env OTHER=gpt-4o"),
        ("code", ["!curl https://example.com \\\n", "  -d model=gpt-4\n", "y = gpt-4\n"]),
        ("code", ["# !llm -m gpt-4\n", "a = b\n"]),
    )
    found = mentions(text, "notebook")
    assert sorted((mention.cell or 0, mention.meant.written) for mention in found) == [
        (1, "gpt-4"),
        (1, "gpt-4"),
        (1, "gpt-4o"),
        (2, "gpt-4"),
        (2, "gpt-4o"),
        (3, "gpt-4"),
    ]
    lines = text.splitlines()
    for mention in found:
        assert mention.meant.written in lines[mention.line - 1]
    assert "don't" not in "".join(lines[mention.line - 1] for mention in found)


def test_a_broken_notebook_is_read_as_the_strings_that_it_is() -> None:
    assert written('{"cells": [{"source": ["ask(\\"gpt-4\\")"', "notebook") == ["gpt-4"]
    assert written('["gpt-4"]', "notebook") == ["gpt-4"]


def test_on_a_line_without_end_only_what_is_near_stands_beside_a_word() -> None:
    far = '"x",' * 1000
    assert written(f'["cohere",{far}"command"]', "json") == []
    assert written(f'["cohere","command",{far}]', "json") == ["command"]


def test_thousands_of_ids_on_one_line_have_their_columns() -> None:
    text = "[" + ", ".join(['"é gpt-4"'] * 20_000) + "]"
    found = mentions(text, "json")
    assert [(mention.line, mention.column) for mention in found] == [(1, 5 + 11 * number) for number in range(20_000)]


def test_a_notebook_of_long_lines_deep_brackets_and_escapes_is_read_once() -> None:
    # If it were read again from each space, bracket or backslash, this would take minutes.
    blank = " " * 100_000
    assert [mention.cell for mention in mentions(_notebook(("code", f'{blank}x\nf("gpt-4")')), "notebook")] == [1]
    assert written("[" * 200_000 + '"gpt-4"', "notebook") == ["gpt-4"]
    assert written('\\"' * 100_000 + ' "gpt-4"', "notebook") == ["gpt-4"]

"""The real any-llm against real servers that answer as providers do, and as they should not."""

from __future__ import annotations

import base64
import gzip
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from llmhub.catalog import anyllm_source
from llmhub.catalog.providers.answers import Address, Answer, nothing_answers
from llmhub.catalog.providers.facts import Provider as ProviderFacts
from llmhub.errors import SettingsError
from llmhub.installation import install_line
from tests.catalog.conftest import Log
from tests.catalog.listings import CANARY, Made, as_json, key, make_listing, openai_models
from tests.support.servers.http import (
    LocalServer,
    Request,
    Response,
    endless,
    hanging,
    html,
    ok,
    redirect,
    status,
)

UNREACHED = 60.0
"""A deadline that no provider is meant to reach."""

SHORT = 6.0
"""A deadline that providers are meant to reach, and that those who answer reach on no machine."""


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider is set up to ask a local server: by which variables, at which path of it."""

    name: str
    key: str | None
    address: str
    path: str = ""

    def variables(self, url: str) -> dict[str, str]:
        return {self.address: url + self.path} | ({self.key: key(self.name)} if self.key else {})


ANSWERING = (
    Provider("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", "/v1"),
    Provider("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
    Provider("deepseek", "DEEPSEEK_API_KEY", "DEEPSEEK_API_BASE"),
    Provider("openrouter", "OPENROUTER_API_KEY", "OPENROUTER_API_BASE", "/api/v1"),
    Provider("llamafile", None, "LLAMAFILE_API_BASE", "/v1"),
    Provider("groq", "GROQ_API_KEY", "GROQ_BASE_URL"),
    Provider("ollama", None, "OLLAMA_HOST"),
)


def anthropic_page(*ids: str, more: bool) -> Response:
    data = [{"type": "model", "id": id_, "display_name": id_, "created_at": "2026-01-01T00:00:00Z"} for id_ in ids]
    return as_json({"data": data, "has_more": more, "first_id": ids[0], "last_id": ids[-1]})


def anthropic(request: Request) -> Response:
    if "after_id=claude-made-up-1" in request.query:
        return anthropic_page("claude-made-up-2", more=False)
    return anthropic_page("claude-made-up-1", more=True)


def ollama(_: Request) -> Response:
    name = "llama-made-up:8b"
    return as_json({"models": [{"model": name, "name": name, "size": 1, "digest": "0" * 64}]})


ANSWERS: Mapping[str, Callable[[Request], Response]] = {
    "openai": lambda _: openai_models("gpt-made-up", "o-made-up", "gpt-made-up"),
    "anthropic": anthropic,
    "deepseek": lambda _: openai_models("deepseek-made-up"),
    "openrouter": lambda _: openai_models("made-up/gpt", "made-up/claude:free"),
    "llamafile": lambda _: openai_models("made-up.gguf"),
    "groq": lambda _: openai_models("whisper-made-up"),
    "ollama": ollama,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A listing, and what the providers' servers were asked."""

    made: Made
    asked: Mapping[str, list[Request]]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """List providers that all answer well, but none before all have been asked."""
    all_asked = threading.Barrier(len(ANSWERING), timeout=UNREACHED)

    def after_all(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def wait(request: Request) -> Response:
            if request.number == 1:
                all_asked.wait()
            return answer(request)

        return wait

    with ExitStack() as stack:
        servers = {p.name: stack.enter_context(LocalServer(after_all(ANSWERS[p.name]))) for p in ANSWERING}
        variables = {"GEMINI_API_KEY": key("gemini"), "AZURE_OPENAI_API_KEY": key("azureopenai")}
        for provider in ANSWERING:
            variables |= provider.variables(servers[provider.name].url)
        made = make_listing(tmp_path_factory.mktemp("home"), variables, deadline=UNREACHED)
        return Answered(made, {name: server.received for name, server in servers.items()})


def test_every_model_of_every_provider_is_listed_once_and_in_order(answered: Answered) -> None:
    assert answered.made.document["models"] == [
        ["anthropic", "claude-made-up-1"],
        ["anthropic", "claude-made-up-2"],
        ["deepseek", "deepseek-made-up"],
        ["groq", "whisper-made-up"],
        ["llamafile", "made-up.gguf"],
        ["ollama", "llama-made-up:8b"],
        ["openai", "gpt-made-up"],
        ["openai", "o-made-up"],
        ["openrouter", "made-up/gpt"],
        ["openrouter", "made-up/claude:free"],
    ]
    assert answered.made.document["status"]["count"] == 10
    assert answered.made.status("openai")["models"] == 2


def test_each_provider_is_asked_on_its_own_path_and_once(answered: Answered) -> None:
    assert {name: [request.path for request in requests] for name, requests in answered.asked.items()} == {
        "openai": ["/v1/models"],
        "anthropic": ["/v1/models"] * 2,
        "deepseek": ["/models"],
        "openrouter": ["/api/v1/models"],
        "llamafile": ["/v1/models"],
        "groq": ["/openai/v1/models"],
        "ollama": ["/api/tags"],
    }
    assert [request.query for request in answered.asked["anthropic"]] == [
        "limit=1000",
        "limit=1000&after_id=claude-made-up-1",
    ]


def test_each_provider_gets_its_own_key_and_no_other(answered: Answered) -> None:
    for name, requests in answered.asked.items():
        for request in requests:
            sent = [value for value in request.headers.values() if CANARY in value]
            expected = {"llamafile": [], "ollama": [], "anthropic": [key(name)]}
            assert sent == expected.get(name, [f"Bearer {key(name)}"])


def test_a_listing_from_all_is_ok_and_those_that_were_not_asked_are_no_failure(answered: Answered) -> None:
    document = answered.made.document
    assert (document["status"]["status"], document["status"]["reason"]) == ("ok", None)
    assert document["status"]["as_of"].endswith("Z")
    assert answered.made.failed() == set()
    assert {s["provider"] for s in document["providers"] if s["callable"]} == {p.name for p in ANSWERING}


@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        ("mistral", "no key: set MISTRAL_API_KEY; needs any-llm-sdk[mistral]"),
        ("moonshot", "no key: set MOONSHOT_API_KEY"),
        ("gemini", "needs any-llm-sdk[gemini]"),
        ("vertexai", "needs any-llm-sdk[vertexai]"),
        ("lmstudio", "needs any-llm-sdk[lmstudio]"),
        ("azureopenai", "no address: set AZURE_OPENAI_ENDPOINT"),
        ("perplexity", "any-llm cannot list its models"),
        ("sagemaker", "any-llm cannot list its models"),
        ("openai", None),
    ],
)
def test_whoever_is_left_out_has_a_reason(answered: Answered, provider: str, reason: str | None) -> None:
    assert answered.made.reason(provider) == reason


def test_the_packages_that_are_missing_for_a_key_that_is_set_are_named_with_the_command(answered: Answered) -> None:
    assert answered.made.document["pip_line"] == install_line("gemini")
    assert answered.made.status("gemini")["needs_extra"] == "gemini"
    assert answered.made.status("openai")["needs_extra"] is None


def test_the_variables_that_were_set_are_told_by_name_and_never_by_value(answered: Answered) -> None:
    document = answered.made.document
    expected = {name for p in ANSWERING for name in p.variables("")} | {"GEMINI_API_KEY", "AZURE_OPENAI_API_KEY"}
    assert document["key_variables"] == sorted(expected)
    assert set(document["key_variables"]) < set(document["known_key_variables"])
    assert document["known_key_variables"] == sorted(set(document["known_key_variables"]))
    assert {"GOOGLE_API_KEY", "AWS_SECRET_ACCESS_KEY", "VLLM_API_BASE"} <= set(document["known_key_variables"])


def test_no_key_comes_out_and_nothing_is_printed(answered: Answered) -> None:
    assert CANARY not in answered.made.stdout
    assert answered.made.stderr == ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A provider whose server answers so, and the reason that it is left out with."""

    provider: Provider
    answer: Callable[[Request], Response]
    reason: str


def echoing(request: Request) -> Response:
    """Refuse a key and say which, as providers do."""
    words = f'{{"error": {{"message": "Incorrect API key provided: {request.headers["authorization"]}"}}}}'
    return Response(status=401, headers={"Content-Type": "application/json"}, body=words.encode())


def named(name: str) -> Provider:
    return Provider(name, f"{name.upper()}_API_KEY", f"{name.upper()}_API_BASE")


NO_LIST = "answered with something that is not a list of models"
TIMED_OUT = "timed out after 6 s"


@cache
def bomb() -> bytes:
    """Return some bytes that would take a quarter of a gigabyte, and several times that in an SDK's hands."""
    return gzip.compress(bytes(1 << 28), 1)


@cache
def deflated_bomb() -> bytes:
    return zlib.compress(bytes(1 << 28), 1)


@cache
def crowd() -> bytes:
    return gzip.compress(b'{"data": [' + b"{}," * 200_000 + b"{}]}")


def packed(body: bytes, encoding: str) -> Response:
    return Response(headers={"Content-Type": "application/json", "Content-Encoding": encoding}, body=body)


FAULTS = (
    Fault(named("moonshot"), echoing, "HTTP 401 (AuthenticationError)"),
    Fault(Provider("ollama", None, "OLLAMA_HOST"), lambda _: status(403), "HTTP 403 (ResponseError)"),
    Fault(Provider("groq", "GROQ_API_KEY", "GROQ_BASE_URL"), lambda _: status(500), "HTTP 500 (InternalServerError)"),
    Fault(named("nebius"), lambda _: status(429, retry_after=3600), "HTTP 429 (RateLimitError)"),
    Fault(named("requesty"), lambda _: Response(delay=600), TIMED_OUT),
    Fault(named("qiniu"), lambda _: hanging(), TIMED_OUT),
    Fault(named("sambanova"), lambda _: Response(body=b" " * 600, drip=1.0), TIMED_OUT),
    Fault(named("portkey"), lambda _: html(), f"{NO_LIST} (AttributeError)"),
    Fault(named("gmi"), lambda _: ok(b"{{{{", content_type="application/json"), f"{NO_LIST} (JSONDecodeError)"),
    Fault(named("llama"), lambda _: as_json([1, 2]), f"{NO_LIST} (AttributeError)"),
    Fault(named("telnyx"), lambda _: as_json({"data": [1]}), f"{NO_LIST} (ValidationError)"),
    Fault(named("deepinfra"), lambda _: as_json({"models": {}}), f"{NO_LIST} (TypeError)"),
    Fault(named("kenari"), lambda _: openai_models({"id": 5}, {"id": ""}), f"{NO_LIST} (no entry has an id)"),
    Fault(named("neosantara"), lambda _: endless(b" " * 65536), "answered with more than 8 MiB"),
    Fault(named("cascadia"), lambda _: packed(bomb(), "gzip"), "answered with more than 8 MiB"),
    Fault(named("inception"), lambda _: packed(deflated_bomb(), "deflate"), "answered with more than 8 MiB"),
    Fault(named("vllm"), lambda _: packed(b"\x1b" * 50, "br"), "answered in the encoding br, expected gzip or none"),
    Fault(named("edenai"), lambda _: packed(crowd(), "gzip"), "answered with more than 100,000 JSON objects"),
)
"""A server for each; deepseek answers with an empty list, openai well, atlascloud has no server at all."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A listing in which almost everything went wrong, and the port at which nothing listens."""

    made: Made
    closed_port: int
    asked: Mapping[str, list[Request]]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """List providers with every fault at the same time."""
    for make in (bomb, deflated_bomb, crowd):
        # Before anybody waits for it.
        make()
    with LocalServer(lambda _: status(500)) as closed:
        closed_port = closed.port
    odd = ({"id": 7}, "gpt-made-up", {"id": "two\nlines"}, "x" * 513)
    with ExitStack() as stack:
        servers = {fault.provider.name: stack.enter_context(LocalServer(fault.answer)) for fault in FAULTS}
        good = stack.enter_context(LocalServer(lambda _: openai_models(*odd)))
        empty = stack.enter_context(LocalServer(lambda _: openai_models()))
        refusing = f"http://user:{CANARY}@127.0.0.1:{closed_port}"
        variables = (
            Provider("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL").variables(good.url)
            | named("deepseek").variables(empty.url)
            | named("atlascloud").variables(refusing)
            | {"LLAMAFILE_API_BASE": refusing}
        )
        for fault in FAULTS:
            variables |= fault.provider.variables(servers[fault.provider.name].url)
        made = make_listing(tmp_path_factory.mktemp("home"), variables, deadline=SHORT)
        yield Faulty(made, closed_port, {name: server.received for name, server in servers.items()})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.provider.name)
def test_a_provider_that_fails_is_left_out_with_the_reason(faulty: Faulty, fault: Fault) -> None:
    found = faulty.made.status(fault.provider.name)
    assert (found["callable"], found["failed"], found["models"]) == (False, True, 0)
    assert found["reason"] == fault.reason


def test_nobody_is_asked_twice(faulty: Faulty) -> None:
    assert {name: len(requests) for name, requests in faulty.asked.items()} == {f.provider.name: 1 for f in FAULTS}


def test_who_has_a_key_and_an_address_where_nothing_listens_has_failed(faulty: Faulty) -> None:
    assert faulty.made.reason("atlascloud") == f"nothing answers at 127.0.0.1:{faulty.closed_port}"
    assert faulty.made.status("atlascloud")["failed"]


def test_a_server_of_this_machine_that_needs_no_key_and_is_not_running_is_no_failure(faulty: Faulty) -> None:
    assert faulty.made.reason("llamafile") == f"nothing answers at 127.0.0.1:{faulty.closed_port}"
    assert not faulty.made.status("llamafile")["failed"]


def test_entries_that_are_no_models_cost_themselves_alone(faulty: Faulty) -> None:
    assert faulty.made.document["models"] == [["openai", "gpt-made-up"]]
    assert faulty.made.reason("openai") == "3 of its 4 entries have no usable id"
    assert faulty.made.status("openai")["callable"]


def test_a_provider_that_takes_other_credentials_names_them_too(faulty: Faulty) -> None:
    assert faulty.made.reason("azureopenai") == "no key: set AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN"
    assert faulty.made.status("azureopenai")["key_variables"] == ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"]
    assert "AZURE_OPENAI_AD_TOKEN" in faulty.made.document["known_key_variables"]


def test_an_empty_list_is_told_and_is_no_failure(faulty: Faulty) -> None:
    found = faulty.made.status("deepseek")
    assert (found["callable"], found["failed"], found["models"]) == (True, False, 0)
    assert found["reason"] == "listed no models"


def test_a_listing_from_some_is_partial_and_says_who_failed(faulty: Faulty) -> None:
    found = faulty.made.document["status"]
    assert (found["status"], found["count"]) == ("partial", 1)
    for fault in FAULTS:
        assert f"{fault.provider.name}: {fault.reason}" in found["reason"]
    assert faulty.made.failed() == {fault.provider.name for fault in FAULTS} | {"atlascloud"}


def test_what_providers_pack_takes_little_memory(faulty: Faulty) -> None:
    assert faulty.made.document["peak_kib"] < 400 * 1024


def test_no_key_comes_out_of_any_failure_and_nothing_is_printed(faulty: Faulty) -> None:
    assert CANARY not in faulty.made.stdout
    assert faulty.made.stderr == ""


def pages(request: Request) -> Response:
    """Give a list in OpenAI's pages, of which the second comes for the last id of the first."""
    if "after=made-up-b" in request.query:
        return as_json({"object": "list", "data": [{"id": "made-up-c", "object": "model"}], "has_more": False})
    entries = [{"id": f"made-up-{letter}", "object": "model"} for letter in "ab"]
    return as_json({"object": "list", "data": entries, "has_more": True})


def always_more(_: Request) -> Response:
    return as_json({"object": "list", "data": [{"id": "made-up", "object": "model"}], "has_more": True})


def listing_its_key(request: Request) -> Response:
    """List the key that was sent, as it is and in base64."""
    sent = request.headers["authorization"].removeprefix("Bearer ")
    return openai_models("made-up", sent, f"made-up-{sent}", base64.b64encode(f"user:{sent}".encode()).decode())


ODD: Mapping[Provider, Callable[[Request], Response]] = {
    Provider("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL"): lambda _: openai_models(None, "gpt-made-up", 7),
    Provider("groq", "GROQ_API_KEY", "GROQ_BASE_URL"): lambda _: as_json({"object": "list", "data": None}),
    Provider("ollama", None, "OLLAMA_HOST"): lambda _: as_json({"models": [None, {"model": "a:8b", "name": "a:8b"}]}),
    named("deepseek"): pages,
    named("openrouter"): always_more,
    named("dashscope"): lambda _: openai_models(*(f"made-up-{number}" for number in range(12_000))),
    named("cascadia"): listing_its_key,
    named("llama"): lambda _: packed(gzip.compress(openai_models("made-up").body), "gzip"),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Made, list[Request]]]:
    """List providers that answer in odd ways, and one at a public address that leads to this machine."""
    with ExitStack() as stack:
        servers = {provider: stack.enter_context(LocalServer(answer)) for provider, answer in ODD.items()}
        inside = stack.enter_context(LocalServer(lambda _: openai_models("internal")))
        leading = redirect(f"http://localhost:{inside.port}/v1/models")
        variables = {"HTTP_PROXY": stack.enter_context(LocalServer(lambda _: leading)).url}
        variables |= {"NO_PROXY": "127.0.0.1,localhost", "INCEPTION_API_BASE": "http://public.invalid/v1"}
        variables |= {"INCEPTION_API_KEY": key("inception")}
        for provider, server in servers.items():
            variables |= provider.variables(server.url)
        yield make_listing(tmp_path_factory.mktemp("home"), variables, deadline=UNREACHED), inside.received


@pytest.mark.parametrize(
    ("provider", "ids", "reason"),
    [
        ("openai", ["gpt-made-up"], "2 of its 3 entries have no usable id"),
        ("groq", [], "listed no models"),
        ("ollama", ["a:8b"], "1 of its 2 entries has no usable id"),
        ("deepseek", ["made-up-a", "made-up-b", "made-up-c"], None),
        ("openrouter", ["made-up"], "says that it has more models than the 1 that it listed"),
        ("cascadia", ["made-up"], "3 ids hold the value of a key and are left out"),
        ("llama", ["made-up"], None),
    ],
)
def test_an_odd_list_gives_what_is_sound_in_it_and_says_the_rest(
    odd: tuple[Made, list[Request]], provider: str, ids: list[str], reason: str | None
) -> None:
    made, _ = odd
    found = made.status(provider)
    assert (found["callable"], found["failed"], found["reason"]) == (True, False, reason)
    assert made.ids(provider) == ids
    assert CANARY not in made.stdout + made.stderr


def test_of_a_list_without_an_end_the_beginning_is_taken(odd: tuple[Made, list[Request]]) -> None:
    made, _ = odd
    assert made.ids("dashscope") == [f"made-up-{number}" for number in range(10_000)]
    assert made.reason("dashscope") == "listed 12,000 models, of which only the first 10,000 are taken"


def test_a_public_provider_cannot_lead_an_sdk_to_this_machine(odd: tuple[Made, list[Request]]) -> None:
    made, asked_inside = odd
    assert str(made.reason("inception")).startswith("redirects from a public address to http://localhost:")
    assert made.status("inception")["failed"]
    assert asked_inside == []


PROXY_FAULTS = {
    "socks": ({"ALL_PROXY": "socks5://user:secret@127.0.0.1:9"}, "speaks SOCKS", "for which a package is missing"),
    "down": ({"HTTPS_PROXY": "http://user:secret@127.0.0.1:9"}, "the proxy 127.0.0.1:9 (HTTPS_PROXY) failed", "check"),
    "exception": ({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "fd00::/8"}, "fd00::/8", "NO_PROXY"),
}


@pytest.mark.parametrize("fault", PROXY_FAULTS)
def test_a_fault_of_the_proxies_is_told_as_such(tmp_path: Path, fault: str) -> None:
    variables, *said = PROXY_FAULTS[fault]
    wanted = {"LLMHUB_PROVIDERS": "groq", "GROQ_API_KEY": key("groq")}
    made = make_listing(tmp_path, wanted | variables, deadline=UNREACHED)
    assert made.status("groq")["failed"]
    assert all(words in str(made.reason("groq")) for words in said)
    assert "secret" not in made.stdout + made.stderr


SDKS = {
    # Blocks while it is imported.
    "cerebras_cloud_sdk": {"cerebras/__init__.py": "import time\ntime.sleep(600)\n"},
    # Talks, and then blocks the event loop that it is called on.
    "lmstudio": {
        "lmstudio.py": """
import logging, sys, time, warnings
Chat = object
class AsyncClient:
    def __init__(self, api_host):
        print("printed", api_host, flush=True)
    async def __aenter__(self):
        print("printed to stderr", file=sys.stderr, flush=True)
        logging.getLogger("lmstudio").error("logged")
        warnings.warn("warned", UserWarning)
        time.sleep(600)
    async def __aexit__(self, *_):
        print("left")
"""
    },
    # Blocks a thread that any-llm waits for, having found a credential that is in no variable.
    "boto3": {
        "boto3.py": """
import time
class Client:
    def list_foundation_models(self):
        time.sleep(600)
class Session:
    def get_credentials(self):
        return "from a file"
    def client(self, *_, **__):
        return Client()
""",
        "botocore/__init__.py": "",
        "botocore/config.py": "class Config: pass\n",
        "botocore/exceptions.py": "class ClientError(Exception): pass\n",
        "botocore/tokens.py": "class ScopedEnvTokenProvider: pass\n",
    },
    # Is installed, and not as any-llm needs it.
    "together": {"together.py": "raise ImportError('cannot import name \\'made_up\\'\\x1b[31m')\n"},
    # Ends the program.
    "ibm_watsonx_ai": {
        "ibm_watsonx_ai/__init__.py": """
class APIClient: pass
class Credentials:
    def __init__(self, **_):
        raise SystemExit(3)
""",
        "ibm_watsonx_ai/foundation_models/__init__.py": "",
        "ibm_watsonx_ai/foundation_models/inference/__init__.py": "",
        "ibm_watsonx_ai/foundation_models/inference/model_inference.py": "class ModelInference: pass\n",
    },
}


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """List providers whose SDKs are made up and do what no SDK should, beside one that answers."""
    packages = tmp_path_factory.mktemp("packages")
    for distribution, files in SDKS.items():
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 99\n"
        for name, text in {**files, f"{distribution}-99.dist-info/METADATA": metadata}.items():
            (packages / name).parent.mkdir(parents=True, exist_ok=True)
            (packages / name).write_text(text)
    keys = {f"{name}_API_KEY": key(name) for name in ("CEREBRAS", "LM_STUDIO", "TOGETHER", "WATSONX", "OPENAI")}
    with LocalServer(ANSWERS["openai"]) as server:
        variables = keys | {"OPENAI_BASE_URL": server.url, "WATSONX_URL": server.url}
        return make_listing(tmp_path_factory.mktemp("home"), variables, deadline=SHORT, packages=packages)


@pytest.mark.parametrize(
    ("provider", "reason", "failed"),
    [
        ("cerebras", TIMED_OUT, True),
        ("lmstudio", TIMED_OUT, True),
        ("bedrock", TIMED_OUT, True),
        ("together", "its packages cannot be imported (ImportError: cannot import name 'made_up'\\x1b[31m)", False),
        ("watsonx", "SystemExit", True),
    ],
)
def test_an_sdk_that_misbehaves_stops_nobody_else(
    misbehaving: Made, provider: str, reason: str, *, failed: bool
) -> None:
    assert misbehaving.reason(provider) == reason
    assert misbehaving.status(provider)["failed"] is failed
    assert misbehaving.ids("openai") == ["gpt-made-up", "o-made-up"]


def test_what_sdks_print_log_and_warn_of_is_not_seen(misbehaving: Made) -> None:
    assert misbehaving.stderr == ""
    assert "printed" not in misbehaving.stdout
    assert CANARY not in misbehaving.stdout


def test_servers_at_one_usual_address_are_listed_once_under_what_the_user_set(tmp_path: Path) -> None:
    with LocalServer(ANSWERS["llamafile"]) as server:
        variables = {"LLAMACPP_API_BASE": f"{server.url}/v1", "LLMHUB_PROVIDERS": "llamacpp, LLAMAFILE"}
        made = make_listing(tmp_path, variables, deadline=UNREACHED)
    assert [status["provider"] for status in made.document["providers"]] == ["llamafile", "llamacpp"]
    assert made.document["models"] == [["llamacpp", "made-up.gguf"]]


LOCAL = ProviderFacts("local", keys=(("LOCAL_KEY",),), address_variable="LOCAL_URL", address="localhost:9090")
HERE, THERE = Address("localhost", 9090), Address("api.example.com", 443)
FAILED, REFUSED = Answer("failed", reason="why", address=HERE), nothing_answers(HERE)


@pytest.mark.parametrize(
    ("variable", "answer", "failed", "reason"),
    [
        (None, FAILED, False, "what listens at localhost:9090 does not list models: why"),
        ("LOCAL_URL", FAILED, True, "why"),
        ("LOCAL_KEY", FAILED, True, "why"),
        (None, REFUSED, False, "nothing answers at localhost:9090"),
        ("LOCAL_URL", REFUSED, False, "nothing answers at localhost:9090"),
        ("LOCAL_KEY", REFUSED, True, "nothing answers at localhost:9090"),
        (None, Answer("failed", reason="why", address=THERE), True, "why"),
        (None, nothing_answers(THERE), True, "nothing answers at api.example.com:443"),
        (None, Answer("unusable", reason="why"), False, "why"),
        ("LOCAL_KEY", Answer("unusable", reason="why"), True, "why"),
        ("LOCAL_KEY", Answer("unusable", reason="why", wanted=("LOCAL_URL",)), False, "no address: set LOCAL_URL"),
        ("LOCAL_URL", Answer("unusable", reason="why", wanted=("LOCAL_URL",)), True, "why"),
        ("LOCAL_KEY", Answer("lacking", reason="why"), False, "why"),
    ],
)
def test_what_nobody_set_up_does_not_fail(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, answer: Answer, reason: str, *, failed: bool
) -> None:
    if variable:
        monkeypatch.setenv(variable, "set")
    status = anyllm_source._status(LOCAL, None, answer)
    assert (status.callable, status.failed, status.reason) == (False, failed, reason)
    assert status.configured is (variable is not None)


def test_of_servers_that_nobody_set_up_the_first_name_at_an_address_is_listed() -> None:
    chosen = [ProviderFacts(name) for name in ("first", "second", "elsewhere", "remote", "down")]
    answers = {
        "first": Answer("listed", ("a",), address=HERE),
        "second": Answer("listed", ("a",), address=Address("127.0.0.1", 9090)),
        "elsewhere": Answer("listed", ("a",), address=Address("localhost", 9091)),
        "remote": Answer("listed", ("a",), address=Address("api.example.com", 9090)),
        "down": REFUSED,
    }
    assert anyllm_source._servers(chosen, answers) == {"second": "the server at 127.0.0.1:9090 is listed as first"}


def test_a_name_that_any_llm_does_not_know_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_PROVIDERS", "opnai,groq")
    with pytest.raises(SettingsError, match=r"LLMHUB_PROVIDERS names 'opnai'.*openai"):
        anyllm_source.list_providers()


def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalServer(ANSWERS["openai"]) as server:
        monkeypatch.setenv("LLMHUB_OFFLINE", "1")
        monkeypatch.setenv("LLMHUB_PROVIDERS", "openai")
        monkeypatch.setenv("OPENAI_API_KEY", key("openai"))
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        listing = anyllm_source.list_providers()
        assert server.requests == []
    assert (listing.models, listing.providers) == ((), ())
    assert (listing.status.status, listing.status.reason) == ("skipped", "LLMHUB_OFFLINE is set")


def test_loading_the_models_warns_of_each_provider_that_failed_or_listed_none(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setenv("LLMHUB_PROVIDERS", "openai,deepseek,groq,anthropic")
    with (
        LocalServer(ANSWERS["openai"]) as good,
        LocalServer(echoing) as refusing,
        LocalServer(lambda _: openai_models()) as empty,
    ):
        for provider, server in zip((ANSWERING[0], ANSWERING[2], ANSWERING[5]), (good, refusing, empty), strict=True):
            for name, value in provider.variables(server.url).items():
                monkeypatch.setenv(name, value)
        monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
        models = anyllm_source.load_anyllm_models()
    assert [(model.provider, model.model_id) for model in models] == [
        ("openai", "gpt-made-up"),
        ("openai", "o-made-up"),
    ]
    assert log.said() == [
        ("WARNING", "deepseek: HTTP 401 (AuthenticationError)"),
        ("WARNING", "groq: listed no models"),
    ]

"""A place as a user has it after a year: boards, a year of daily prices, two witnesses, and a catalog.

The prices are those of the real documents in ../shared/data; on the days between two of them some prices of the older
one move. With LLMHUB_MODELSDEV_CLONE they are the real ones of each day.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.catalog.assembly.whole import stored_whole_catalog
from llmhub.catalog.cache import save_catalog
from llmhub.catalog.pipeline import build_now
from llmhub.offers.backfill.run import backfill
from llmhub.offers.importing import identify, import_documents
from llmhub.offers.models_dev import normalize, parse_document
from llmhub.offers.sql.storing import OfferWriter, offer_writer
from llmhub.offers.values import Offer
from tests.benchmarks.offers import CLONE
from tests.benchmarks.stores import publications
from tests.conftest import SHARED
from tests.support.servers.http import LocalServer, Request, Response, ok, status

_DATA = SHARED / "data"
_MODELS_DEV = _DATA / "modelsdev" / "api-2026-07-02.json.gz"
_LITELLM = "model_prices-1.101.0.json.gz"
# The providers that are asked, with the variables of their keys and addresses, and the path at a local server.
_PROVIDERS = {
    "openai": ("OPENAI_API_KEY", "OPENAI_BASE_URL", "/openai/v1"),
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "/anthropic"),
    "openrouter": ("OPENROUTER_API_KEY", "OPENROUTER_API_BASE", "/openrouter/v1"),
    "groq": ("GROQ_API_KEY", "GROQ_BASE_URL", "/groq"),
    "deepseek": ("DEEPSEEK_API_KEY", "DEEPSEEK_API_BASE", "/deepseek"),
}
# As many price lists change on a real day.
_MOVED_A_DAY = 8


def make_place(folder: Path, models: int) -> dict[str, str]:
    """Make the place in an empty folder, with so many callable models, and return its environment."""
    folder.mkdir(parents=True)
    document = gzip.decompress(_MODELS_DEV.read_bytes())
    listed = _listed(json.loads(document), models)
    answers = {"/api.json": document, "/litellm.json": gzip.decompress((_DATA / "litellm" / _LITELLM).read_bytes())}
    with _serving(answers, listed) as url:
        environment = _environment(folder, url, listed)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
        with patch.dict(os.environ, kept | environment, clear=True):
            _store_boards()
            _store_prices()
            catalog = build_now(recorded=True)
            if len(catalog.models) != models:
                raise RuntimeError(f"{len(catalog.models)} models can be called, and not {models}")
            save_catalog(catalog)
            stored_whole_catalog(catalog)
    return environment


def _listed(document: Mapping[str, Mapping[str, Mapping[str, object]]], models: int) -> dict[str, list[str]]:
    """Return so many ids, by provider: the first ones of models.dev, and made-up ones if it has too few."""
    found: dict[str, list[str]] = {}
    left = models
    for provider in _PROVIDERS:
        if left:
            found[provider] = list(document[provider]["models"])[:left]
            left -= len(found[provider])
    if left:
        found["openrouter"] += [f"made-up/unheard-of-{number}" for number in range(left)]
    return found


@contextmanager
def _serving(answers: Mapping[str, bytes], listed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    def answer(request: Request) -> Response:
        if request.path in answers:
            return ok(answers[request.path], content_type="application/json")
        provider = request.path.split("/")[1]
        if provider not in listed or not request.path.endswith("/models"):
            return status(404)
        rows = [
            {"id": name, "object": "model", "created": 1, "owned_by": "made-up"}
            | {"type": "model", "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
            for name in listed[provider]
        ]
        told = {"object": "list", "data": rows, "has_more": False, "first_id": None, "last_id": None}
        return ok(json.dumps(told).encode(), content_type="application/json")

    with LocalServer(answer) as server:
        yield server.url


def _environment(folder: Path, url: str, providers: Collection[str]) -> dict[str, str]:
    found = {"LLMHUB_CONFIG_DIR": str(folder / "config"), "LLMHUB_PROVIDERS": ",".join(providers)}
    found |= {"LLMHUB_MODELSDEV_URL": f"{url}/api.json", "LLMHUB_LITELLM_URL": f"{url}/litellm.json"}
    for key, address, path in map(_PROVIDERS.__getitem__, providers):
        found |= {key: "made-up", address: url + path}
    return found | dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")


def _store_boards() -> None:
    now = datetime.now(UTC)
    with SnapshotStore.open() as store:
        real = publications()
        for publication in real:
            published = next(iter(publication.values())).published_on or date.min
            store.add(publication, taken_at=datetime.combine(published, time(), UTC), source="arena-catalog")
        store.add(real[-1], taken_at=now - timedelta(hours=1), script="benchmark")


def _store_prices() -> None:
    now = datetime.now(UTC)
    with offer_writer(settings.arena_db()) as writer:
        if clone := os.environ.get(CLONE):
            backfill(writer, Path(clone), now=now)
        else:
            _store_days(writer)
        others = [(_DATA / "litellm" / "model_prices-1.84.0.json.gz", datetime(2026, 4, 20, tzinfo=UTC))]
        documents = [identify(path, now=now, taken_at=moment) for path, moment in others]
        documents += [identify(path, now=now) for path in sorted((_DATA / "deprecations").glob("*.json.gz"))]
        for done in import_documents(writer, documents):
            if done.error is not None:
                raise done.error


def _store_days(writer: OfferWriter) -> None:
    chance = random.Random(1)  # noqa: S311 -- made-up prices
    files = sorted((_DATA / "modelsdev" / "history").glob("*.json.gz"))
    days = [datetime.combine(date.fromisoformat(file.name[4:14]), time(), UTC) for file in files]
    for file, first, until in zip(files, days, [*days[1:], days[-1] + timedelta(days=17)], strict=True):
        offers = dict(normalize(parse_document(gzip.decompress(file.read_bytes()))).models)
        keys = sorted(offers)
        for number in range((until - first).days):
            writer.add_offers(offers, taken_at=first + timedelta(days=number))
            for key in chance.sample(keys, _MOVED_A_DAY):
                offers[key] = _moved(offers[key], chance)


def _moved(offer: Offer, chance: random.Random) -> Offer:
    price = offer.price_input_per_million
    return offer.model_copy(update={"price_input_per_million": round((price or 1.0) * chance.uniform(0.8, 1.2), 4)})

"""Certificates to trust are read once, and again where they have changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import certifi
import pytest

from llmhub.errors import SourceError
from llmhub.web.client import client
from llmhub.web.routing import Routed


def test_clients_share_the_certificates_that_were_read() -> None:
    assert Routed()._context is Routed()._context


def test_certificates_that_were_replaced_or_taken_away_are_not_used_any_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "certificates.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    texts = Path(certifi.where()).read_text(encoding="utf-8").split("-----BEGIN")
    file.write_text(f"-----BEGIN{texts[1]}", encoding="ascii", errors="ignore")
    assert len(Routed()._context.get_ca_certs()) == 1
    other = tmp_path / "other.pem"
    other.write_text(f"-----BEGIN{texts[1]}-----BEGIN{texts[2]}", encoding="ascii", errors="ignore")
    shutil.move(other, file)
    assert len(Routed()._context.get_ca_certs()) == 2
    file.unlink()
    for _ in range(2):
        with pytest.raises(SourceError, match="check SSL_CERT_FILE"):
            client({})

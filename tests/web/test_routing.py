"""Certificates to trust are read once, and again where they have changed."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest

from llmhub.errors import SourceError
from llmhub.web.client import client
from llmhub.web.routing import Routed


def test_clients_share_the_certificates_that_were_read() -> None:
    assert Routed()._context is Routed()._context


def test_certificates_that_were_replaced_or_taken_away_are_not_used_any_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By default, those of certifi.
    monkeypatch.delenv("SSL_CERT_FILE")
    known = [ssl.DER_cert_to_PEM_cert(one) for one in Routed()._context.get_ca_certs(binary_form=True)]
    file = tmp_path / "certificates.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    file.write_text(known[0], encoding="ascii")
    assert len(Routed()._context.get_ca_certs()) == 1
    other = tmp_path / "other.pem"
    other.write_text(known[0] + known[1], encoding="ascii")
    shutil.move(other, file)
    assert len(Routed()._context.get_ca_certs()) == 2
    file.unlink()
    for _ in range(2):
        with pytest.raises(SourceError, match="check SSL_CERT_FILE"):
            client({}, timeout=1.0)

"""A real Chromium, headless, driven over its DevTools pipe: what a person does, and what the page then is.

with Browser(tmp_path) as browser:
    browser.open(page)
    browser.click("#board thead button")
    browser.ask("document.title")
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
# DevTools reads from descriptor 3 and writes to 4, which may be what they are called here, the other way round even.
_LAUNCHER = """
import os, sys
from fcntl import F_DUPFD, fcntl
ends = [fcntl(int(end), F_DUPFD, 10) for end in sys.argv[1:3]]
for place, end in enumerate(ends, start=3):
    os.dup2(end, place)
    os.close(end)
os.execv(sys.argv[3], sys.argv[3:])
"""
# A generous bound that guards against hanging, on a machine that does much else.
_PATIENCE = 60.0
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}


class Browser:
    """One tab. `requests` and `complaints` are what it asked for and what its console said since `open`."""

    def __init__(self, profile: Path) -> None:
        if CHROMIUM is None:
            raise FileNotFoundError("there is no Chromium")
        self._read, theirs_out = os.pipe()
        theirs_in, self._write = os.pipe()
        words = [sys.executable, "-S", "-c", _LAUNCHER, str(theirs_in), str(theirs_out)]
        self._process = subprocess.Popen(
            [*words, CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded = False

    def __enter__(self) -> Self:
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._session = None
        self.send("Browser.close")
        self._process.wait(_PATIENCE)
        os.close(self._read)
        os.close(self._write)

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command, and return its result; what happens meanwhile is recorded."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
        raise AssertionError(f"no answer to {method}")

    def open(self, page: Path | str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Open a page and wait until it is loaded; forget what was recorded before."""
        phone = width < 600
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        address = page if isinstance(page, str) else page.as_uri()
        if address.partition("#")[0] == self.ask("location.href").partition("#")[0]:
            # To another hash of the same page nothing would be loaded.
            self._go("about:blank")
        self.requests.clear()
        self.complaints.clear()
        self._go(address)

    def _go(self, address: str) -> None:
        with self.loading():
            self.send("Page.navigate", url=address)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Wait at the end of the block for the page that something in it leads to."""
        self._loaded = False
        yield
        for _ in self._messages():
            if self._loaded:
                break

    def ask(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        """Click with the mouse in the middle of the first element that a selector names, once it stands still."""
        # A page that was opened at an anchor may still be scrolling there. Without scripts no frame is told of.
        still = "!location.hash || last && last[0] === at[0] && last[1] === at[1]"
        x, y = self.ask(
            f"new Promise((done) => {{ const e = document.querySelector({json.dumps(selector)}); let last = null;"
            " const look = () => { e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});"
            " const b = e.getClientRects()[0]; const at = [b.x + b.width / 2, b.y + b.height / 2];"
            f" if ({still}) done(at); else {{ last = at; requestAnimationFrame(look); }} }}; look(); }})"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.send("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press and release a key by its name."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": "\r"} if key == "Enter" else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def picture(self, *, whole: bool = True) -> bytes:
        """Return a PNG of the page."""
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def _messages(self) -> Iterator[dict[str, Any]]:
        end = monotonic() + _PATIENCE
        while True:
            while b"\0" in self._buffer:
                text, _, self._buffer = self._buffer.partition(b"\0")
                message = json.loads(text)
                self._note(message.get("method"), message.get("params", {}))
                yield message
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - monotonic()))
            assert ready, "Chromium says nothing any more"
            block = os.read(self._read, 1 << 20)
            assert block, "Chromium has ended"
            self._buffer += block

    def _note(self, method: str | None, about: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"console.{about['type']}: {about['args']}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(f"exception: {about['exceptionDetails']}")
        elif method == "Log.entryAdded":
            self.complaints.append(f"{about['entry']['level']}: {about['entry']['text']}")
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append(f"dialog: {about['message']}")

"""A page in headless Chromium, through its own protocol."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
TROUBLE = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")


class Page:
    """One page; ``events`` holds what it complained of."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.count, self.events = socket, 0, []

    def ask(self, method: str, **options: Any) -> dict[str, Any]:
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": options}))
        return self._until(lambda m: m.get("id") == self.count)["result"]

    def open(self, address: str, width: int, scheme: str) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=844,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[feature])
        self.ask("Page.navigate", url=address)
        self._until(lambda m: m.get("method") == "Page.loadEventFired")

    def value(self, expression: str) -> Any:
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> None:
        height = self.value("document.documentElement.scrollHeight")
        width = self.value("window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        answer = self.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def _until(self, wanted: Any) -> dict[str, Any]:
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            self.events.append(message)
            if wanted(message):
                return dict(message)


@contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """A function for ``with`` that gives a new page; the browser ends with the block."""
    assert CHROMIUM is not None
    words = [
        CHROMIUM,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "--hide-scrollbars",
        "about:blank",
    ]
    process = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"HOME": str(folder)},
    )
    try:
        assert process.stderr is not None
        match = next(filter(None, (re.search(r"ws://\S+", line) for line in process.stderr)))
        address = match.group()
        with connect(address, max_size=None) as root:
            pages = Page(root)

            @contextmanager
            def new() -> Iterator[Page]:
                target = pages.ask("Target.createTarget", url="about:blank")["targetId"]
                where = re.sub(r"/devtools/.*", f"/devtools/page/{target}", address)
                with connect(where, max_size=None) as socket:
                    yield Page(socket)

            yield new
            pages.socket.send(json.dumps({"id": 0, "method": "Browser.close"}))
        process.wait(20)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()

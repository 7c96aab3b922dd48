"""What stands in the boxes of `docs/api.md` is run as it stands there, in the page's order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from tests.integration.status_api.conftest import TOKEN, ReadModel
from tests.integration.status_api.people_kit import Town
from tests.integration.status_api.samples import example, of

pytestmark = pytest.mark.stack

PAGE = Path(__file__).parents[3] / "docs/api.md"
BOX = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECONDS = 120


@pytest.fixture
def api(read_model: ReadModel) -> Iterator[str]:
    """Address of the application, served on loopback, with what the page speaks of."""
    town = Town.on(read_model)
    read_model.store(
        of("invoice/41224", "discovered"),
        of("invoice/41224", "mapped"),
        of("invoice/41224", "synced"),
        of("invoice/41225", "discovered"),
        of("invoice/41225", "faulted", final=True),
        of("purchase-order/771", "discovered"),
        *(
            (topic, example(topic) | {"tenant_id": "acme"})
            for topic in ("sync.logs", "xero.reference", "connection.health")
        ),
    )
    server = make_server("127.0.0.1", 0, town.client.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="api")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def boxes(language: str) -> list[str]:
    """Boxes of one language, in order."""
    return [code for name, code in BOX.findall(PAGE.read_text("utf-8")) if name == language]


def _run(command: list[str], script: str, api: str, folder: Path) -> str:
    (folder / ".curlrc").write_text("fail-with-body\n", "utf-8")
    done = subprocess.run(
        [*command, script],
        env={
            "API": api,
            "TOKEN": TOKEN,
            "PATH": os.environ["PATH"],
            "CURL_HOME": str(folder),
            "HOME": str(folder),
            "NO_PROXY": "*",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout[-2000:]}"
    return done.stdout


def test_no_box_is_in_a_language_that_is_not_run() -> None:
    assert {name for name, _ in BOX.findall(PAGE.read_text("utf-8"))} == {"sh", "python"}


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
def test_what_the_page_types_into_a_shell_works(api: str, tmp_path: Path) -> None:
    told = _run(["bash", "-euo", "pipefail", "-c"], "\n".join(boxes("sh")), api, tmp_path)
    assert "1.0.0" in told
    assert "41225" in told, "the invoice at fault"
    assert (tmp_path / "bundle.zip").stat().st_size > 1_000
    assert list(tmp_path.glob("*.xlsx"))


def test_what_the_page_programs_works(api: str, tmp_path: Path) -> None:
    told = _run([sys.executable, "-c"], "\n".join(boxes("python")), api, tmp_path)
    assert "kim@example.com" in told
    assert "1 accepted, 0 left" in told, "the bulk act"
    assert "41225" in told, "the invoice at fault"

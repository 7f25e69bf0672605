"""The resources that we know are those that the API server serves."""

from __future__ import annotations

from pathlib import Path

from auditor.access.resources import VERSION
from tests.access.reviews import Server
from tools import shipped


def test_the_file_is_what_our_api_server_says(server: Server, tmp_path: Path) -> None:
    made = shipped.write(server.plane, tmp_path)
    assert made.stem == VERSION
    assert made.read_text() == (shipped.FOLDER / made.name).read_text()

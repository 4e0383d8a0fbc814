"""Compile the Kafka Streams app: locked jars, and a compiler that is a jar itself, so that no JDK is needed."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Final

from services.local_stack import jars, java
from services.local_stack.progress import silent
from services.local_stack.settings import StackSettings

HERE: Final = Path(__file__).parent
SOURCE: Final = HERE / "Measured.java"
LOCK: Final = HERE / "jars.lock"
COMPILE_S: Final = 120
HEAP: Final = "-Xmx2g"


def command() -> list[str]:
    """How to start the app, compiled when its source changed; its own arguments follow."""
    settings = StackSettings()
    cache = settings.home() / "cache"
    paths = jars.ensure(cache / "benchmark-jars", silent, LOCK)
    program = str(java.find(settings.java_home).program)
    digest = hashlib.sha256(SOURCE.read_bytes() + LOCK.read_bytes()).hexdigest()[:12]
    classes = cache / f"benchmark-classes-{digest}"
    class_path = os.pathsep.join(str(path) for path in paths)
    if not (classes / "Measured.class").exists():
        compiler = next(path for path in paths if path.name.startswith("ecj-"))
        subprocess.run(  # noqa: S603 - our own compiler on our own source
            [program, "-jar", str(compiler), "-17", "-cp", class_path, "-d", str(classes), "-nowarn", str(SOURCE)],
            check=True,
            timeout=COMPILE_S,
        )
    return [program, HEAP, "-cp", os.pathsep.join([str(classes), class_path]), "Measured"]

"""In processes of their own: logging is global."""

import json
import subprocess
import sys

PROGRAM = """
import logging, structlog
from services.kit.telemetry.logs import configure
configure("sink")
structlog.get_logger().info("folded", records=3)
logging.getLogger("library").warning("from a library")
logging.getLogger("aiokafka.client").warning("a broker is away")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("broken")
"""


def test_every_line_is_one_json_object_that_names_its_service() -> None:
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(line["event"], line["level"], line["service"]) for line in lines] == [
        ("folded", "info", "sink"),
        ("from a library", "warning", "sink"),
        ("broken", "error", "sink"),
    ]
    assert lines[0]["records"] == 3
    assert "ZeroDivisionError" in lines[2]["exception"]
    assert ran.stdout == ""

"""Acts made into events, through the contract that every producer has to keep."""

import msgspec

from schemas.codec import STRUCTURED, decode_usage
from schemas.facts import Fact
from schemas.usage import UsageEvent
from services.demo.acts import Send
from services.kit.clock import US_PER_S, to_datetime

SOURCE = "//files.example/backend"

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def made(account: str, number: int, send: Send, now_us: int) -> UsageEvent | Fact:
    """The ``number``-th event of ``account``, as it is told at ``now_us``; raises when it breaks the contract."""
    attributes = {
        "specversion": "1.0",
        "id": f"{account}-{number}",
        "source": SOURCE,
        "type": send.type,
        "subject": account,
        "time": to_datetime(now_us - send.ago_s * US_PER_S),
        "data": send.data,
    }
    return decode_usage(_ENCODER.encode(attributes), [("content-type", STRUCTURED.encode())])

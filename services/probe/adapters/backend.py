"""Events of the probe's accounts, on the topic of usage."""

import secrets

from aiokafka.errors import KafkaError

from schemas.facts import AccountErased
from schemas.probe import EVENT, SOURCE
from schemas.topics import USAGE
from schemas.usage import UsageData, UsageEvent
from services.kit.clock import Clock, to_datetime
from services.kit.kafka.sender import Sender
from services.probe.domain.passes import Failed, Failure


class KafkaBackend:
    """`Backend` on a connected sender."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock

    async def erase(self, account: str) -> None:
        """Forget ``account``. Raises `Failed`."""
        time = to_datetime(self._clock.now_us())
        await self._send(AccountErased(id=secrets.token_hex(8), source=SOURCE, subject=account, time=time))

    async def ask(self, account: str, user: str) -> None:
        """Let ``user`` do what earns an offer. Raises `Failed`."""
        time, data = to_datetime(self._clock.now_us()), UsageData(user=user)
        made = UsageEvent(id=secrets.token_hex(8), source=SOURCE, type=EVENT, subject=account, time=time, data=data)
        await self._send(made)

    async def _send(self, event: UsageEvent | AccountErased) -> None:
        try:
            await self._sender.send(USAGE, event)
        except KafkaError as error:
            raise Failed(Failure.NOT_PRODUCED, f"{type(error).__name__}: {error}") from error

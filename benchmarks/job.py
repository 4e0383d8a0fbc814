"""The job that is measured: a set with 20 moments, and events of 12 fields and about 245 bytes.

Four types of event, each feeding two meters and five of the moments. Most events pass nothing; one in a thousand is so
big that a limit is passed, so that there is something to decide about as often as in a busy product.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from schemas.playbooks import SourceFile
from services.kit.clock import EPOCH, US_PER_S
from services.kit.kafka.partitioning import partition_of

PARTITIONS: Final = 4

BIG_EVERY: Final = 1_009
"""Every so many events one is big enough to pass a limit; a prime, so that it is each account's turn at times."""

SMALL: Final = "0.125"
BIG: Final = "100000.5"

DAY_US: Final = 86_400 * US_PER_S
US_PER_EVENT: Final = 20
"""Event time from one event to the next: a million of them are 20 s, far within the allowed lateness."""

STRIDE: Final = 7_919
"""A prime, and no divisor of any number of accounts used here: neighbours in the log are different accounts."""


class Kind(NamedTuple):
    """A type of event, and the names of the meters that it feeds."""

    event: str
    counted: str
    summed: str


KINDS: Final = (
    Kind("file.stored", "files", "storage_gb"),
    Kind("report.exported", "exports", "export_gb"),
    Kind("link.downloaded", "downloads", "transfer_gb"),
    Kind("project.copied", "copies", "copy_gb"),
)

MILESTONES: Final = (1_000, 20_000, 80_000)
"""Out of reach of accounts that the events are spread over evenly; hot ones pass them now and then."""


class Message(NamedTuple):
    """One usage event, ready to be sent."""

    partition: int
    key: bytes
    value: bytes


def moments() -> dict[str, str]:
    """The 20 moments by name, those that the big events fire first."""
    found = {f"{kind.summed}_full": f"{{limit: {kind.summed}, at: [80%, 90%, 100%]}}" for kind in KINDS}
    for kind in KINDS:
        found[f"{kind.counted}_full"] = f"{{limit: {kind.counted}, at: [80%, 90%, 100%]}}"
        for reaches in MILESTONES:
            found[f"{kind.counted}_{reaches}"] = f"{{milestone: {kind.counted}, reaches: {reaches}}}"
    return found


def product() -> str:
    """The product document."""
    lines = ["product: measured", "currency: USD", "default_plan: free", "history: starts_empty", "terms: {month: 1}"]
    lines += ["events:", *(f"  {kind.event}: {{size_gb: number, format: text, region: text}}" for kind in KINDS)]
    lines.append("meters:")
    for kind in KINDS:
        lines.append(f"  {kind.counted}: {{count: {kind.event}}}")
        lines.append(f"  {kind.summed}: {{sum: size_gb, of: {kind.event}}}")
    free = ", ".join(f"{kind.summed}: 50000, {kind.counted}: 1000000" for kind in KINDS)
    plus = ", ".join(f"{kind.summed}: 900000000, {kind.counted}: 900000000" for kind in KINDS)
    lines += ["plans:", f"  - {{id: free, price: 0, limits: {{{free}}}}}"]
    lines += [f"  - {{id: plus, price: {{month: 10}}, limits: {{{plus}}}}}", "ladders: {personal: [free, plus]}"]
    lines += ["products:", "  - {id: insights, price: {month: 6}}", "placements: [banner, modal, upgrade_page]"]
    return "\n".join(lines) + "\n"


def playbook(offers: int) -> str:
    """The playbook: the 20 moments, shared evenly among ``offers`` offers."""
    names = list(moments())
    lines = ["playbook: measured", "moments:", *(f"  {name}: {rule}" for name, rule in moments().items()), "offers:"]
    for number in range(offers):
        on = names[number % len(names) :: offers] if offers < len(names) else [names[number % len(names)]]
        lines += [f"  offer_{number}:", f"    on: [{', '.join(on)}]"]
        lines.append("    upgrade_to: next on personal" if number % 2 == 0 else "    add: insights")
        lines += [f'    content: {{title: "Offer {number}"}}', "    placements: [banner]"]
    return "\n".join(lines) + "\n"


def files(offers: int = 20) -> tuple[SourceFile, ...]:
    """The set as it is published."""
    return (
        SourceFile(path="product.yaml", text=product()),
        SourceFile(path="playbook.yaml", text=playbook(offers)),
    )


def counting_files(threshold: int) -> tuple[SourceFile, ...]:
    """The smaller set that other engines are given, too: a count of everything, and one threshold."""
    fields = "{size_gb: number, format: text, region: text}"
    document = (
        f"product: measured\nevents:\n  {KINDS[0].event}: {fields}\nmeters:\n  all: {{count: {KINDS[0].event}}}\n"
        "plans:\n  - {id: free, price: 0}\nproducts:\n  - {id: insights, price: {month: 6}}\nplacements: [banner]\n"
    )
    rules = (
        f"playbook: measured\nmoments:\n  many: {{milestone: all, reaches: {threshold}}}\n"
        "offers:\n  insights:\n    on: [many]\n    add: insights\n    content: {title: You do a lot}\n"
        "    placements: [banner]\n"
    )
    return SourceFile(path="product.yaml", text=document), SourceFile(path="playbook.yaml", text=rules)


class Accounts:
    """Names, keys and partitions of so many accounts, computed once.

    Each partition has as many: of a hundred by chance one has twice as many as another, and while that still has events
    the others have run dry, which is not what is to be measured.
    """

    def __init__(self, count: int, prefix: str = "account") -> None:
        self.known: list[tuple[str, bytes, int]] = []
        room = [-(-count // PARTITIONS)] * PARTITIONS
        for number in itertools.count():
            if len(self.known) == count:
                break
            name = f"{prefix}-{number:07d}"
            partition = partition_of(name, PARTITIONS)
            if room[partition]:
                room[partition] -= 1
                self.known.append((name, name.encode(), partition))


def message(number: int, account: tuple[str, bytes, int], kind: Kind, size: str, at_us: int) -> Message:
    """Event ``number``, ids being unique by it."""
    name, key, partition = account
    value = (
        f'{{"specversion":"1.0","id":"e-{number:012d}","source":"files-eu-1","type":"{kind.event}",'
        f'"subject":"{name}","time":"{written(at_us)}","data":{{"quantity":1,"properties":'
        f'{{"size_gb":{size},"format":"pdf","region":"eu-west-1"}}}}}}'
    )
    return Message(partition, key, value.encode())


def messages(
    count: int,
    accounts: Accounts,
    start_us: int,
    kinds: tuple[Kind, ...] = KINDS,
    sizes: Sequence[str] = (),
) -> Iterator[Message]:
    """``count`` events from ``start_us`` on, over all accounts and kinds by turns; of ``sizes`` by chance, if any."""
    known, chance = accounts.known, random.Random(count)  # noqa: S311 - the same each time
    for number in range(count):
        usual = BIG if number % BIG_EVERY == BIG_EVERY - 1 else SMALL
        size = chance.choice(sizes) if sizes else usual
        # each account meets each kind: the kind moves on after every round over the accounts
        kind = kinds[(number + number // len(known)) % len(kinds)]
        account = known[number * STRIDE % len(known)]
        yield message(number, account, kind, size, start_us + number * US_PER_EVENT)


def written(us: int) -> str:
    """Microseconds since 1970 UTC in RFC 3339."""
    return (EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

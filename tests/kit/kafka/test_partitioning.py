import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from services.kit.kafka.partitioning import partition_of

UNSIGNED = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        pytest.param("21", -973932308, id="21"),
        pytest.param("foobar", -790332482, id="foobar"),
        pytest.param("a-little-bit-long-string", -985981536, id="long"),
        pytest.param("a-little-bit-longer-string", -1486304829, id="longer"),
        pytest.param("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, id="48 bytes"),
        pytest.param("abc", 479470107, id="abc"),
    ],
)
def test_accounts_go_where_the_java_client_sends_them(text: str, signed: int) -> None:
    # the hashes are those that the Java client's own tests expect
    assert murmur2(text.encode()) & UNSIGNED == signed & UNSIGNED
    for partitions in (1, 2, 12, 1000):
        assert partition_of(text, partitions) == (signed & 0x7FFFFFFF) % partitions


@given(st.text(min_size=1), st.integers(1, 10_000))
def test_every_account_has_one_partition_of_those_there_are(account: str, partitions: int) -> None:
    assert partition_of(account, partitions) in range(partitions)


def test_an_account_id_is_hashed_as_utf_8() -> None:
    assert partition_of("Ünïcode-☂", 1 << 20) == (murmur2("Ünïcode-☂".encode()) & 0x7FFFFFFF) % (1 << 20)

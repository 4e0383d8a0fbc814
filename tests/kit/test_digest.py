from __future__ import annotations

from services.kit.digest import digest_of


def test_a_digest_is_the_same_wherever_a_marker_is_kept() -> None:
    """Logs and databases keep it: those of different parts are held against each other, and so are old and new."""
    assert digest_of("acme") == bytes.fromhex("bded55e7ce1c08f27738f8c77ec971e3")

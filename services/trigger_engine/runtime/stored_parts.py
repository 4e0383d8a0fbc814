"""Which parts of each account are stored, so that an erasure need not look at everybody's keys for them."""

from collections.abc import Container, Iterable, Mapping, Sequence

from services.trigger_engine.runtime.keys import PARTS, account_of


class StoredParts:
    """Keys of the parts that are ``stored``, by their account. One that has no parts takes no room.

    To make it takes a look at every key; then it is kept by telling it what is `written`.
    """

    def __init__(self, stored: Iterable[bytes]) -> None:
        self._keys: dict[str, list[bytes]] = {}
        for key in stored:
            if key.startswith(PARTS):
                self._keys.setdefault(account_of(key), []).append(key)

    def of(self, account: str) -> Sequence[bytes]:
        """Keys of all stored parts of the account."""
        return self._keys.get(account, ())

    def written(self, written: Mapping[bytes, bytes | None], stored: Container[bytes]) -> None:
        """These are about to be ``stored``; those that are None go."""
        gone: dict[str, set[bytes]] = {}
        for key, raw in written.items():
            if key.startswith(PARTS):
                if raw is None:
                    gone.setdefault(account_of(key), set()).add(key)
                elif key not in stored:
                    self._keys.setdefault(account_of(key), []).append(key)
        for account, keys in gone.items():  # most often those are all that it had
            left = [key for key in self._keys.pop(account, ()) if key not in keys]
            if left:
                self._keys[account] = left

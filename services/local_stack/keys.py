"""Development keys: an Ed25519 pair that signs tokens for the offer API on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def private(directory: Path) -> Path:
    """The path of the private key."""
    return directory / "private.json"


def ensure(directory: Path) -> Path:
    """The path of the public key set, made with its private key at the first call."""
    public, secret = directory / "jwks.json", private(directory)
    if public.exists() and secret.exists():
        return public
    from joserfc.jwk import OKPKey  # noqa: PLC0415 - slow to import, needed once

    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    half = public.with_suffix(".half")
    half.write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
    half.replace(public)  # last: its being there says that both are whole
    return public

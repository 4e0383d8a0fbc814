"""What one share can be, of accounts that were seen one after another; exact, and for every look.

Robbins' mixture: for ``did`` of ``seen``, the likelihood averaged over what the share may be, by a beta distribution
with ``a`` and ``b``, against that of ``share`` alone:

    evidence = B(a + did, b + seen - did) / B(a, b) / ( share^did · (1 - share)^(seen - did) )

is a martingale that starts at 1 when ``share`` is true. So by Ville's inequality it ever reaches 1 / alpha with
probability alpha at most, however often it is looked at (Howard, Ramdas, McAuliffe and Sekhon 2021 on conjugate
mixtures; Lindon and Malek, Anytime-valid inference for multinomial count data, 2022, on splits).
"""

from math import lgamma, log, log1p
from typing import Final

HALF: Final = 0.5
"""Both parameters of the beta distribution that favours no share (Jeffreys)."""

HALVINGS: Final = 60
"""Of an interval of 1: finer than a float tells."""


def log_evidence(did: int, seen: int, share: float, a: float = HALF, b: float = HALF) -> float:
    """The natural logarithm of the evidence against ``share``, which is above 0 and below 1."""
    mixed = _log_beta(a + did, b + seen - did) - _log_beta(a, b)
    return mixed - did * log(share) - (seen - did) * log1p(-share)


def share_between(did: int, seen: int, alpha: float) -> tuple[float, float]:
    """The lowest and the highest share that the evidence leaves, for ``did`` of ``seen`` so far."""
    if not seen:
        return 0.0, 1.0
    best = did / seen
    lower = _edge(did, seen, alpha, 0.0, best) if did else 0.0
    upper = _edge(did, seen, alpha, 1.0, best) if did < seen else 1.0
    return lower, upper


def _edge(did: int, seen: int, alpha: float, refused: float, left: float) -> float:
    """Between a share that is refused and one that is left: where the evidence reaches 1 / alpha."""
    for _ in range(HALVINGS):
        middle = (refused + left) / 2
        if log_evidence(did, seen, middle) >= -log(alpha):
            refused = middle
        else:
            left = middle
    return left


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)

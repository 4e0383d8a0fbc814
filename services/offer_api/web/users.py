"""For which user of an account a request acts."""

from services.offer_api.ports import Bearer
from services.offer_api.web.faults import NotYours


def own_user(bearer: Bearer, asked: str | None) -> str | None:
    """The user to act for: the token's own, or whom the request names when the token is for the whole account."""
    if bearer.user is not None and asked not in (None, bearer.user):
        raise NotYours
    return bearer.user or asked

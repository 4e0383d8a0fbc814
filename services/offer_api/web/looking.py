"""A route that front ends ask again and again: what it is asked for is read without the framework's dependencies.

These are found out anew for each request, which takes longer than the question to the database.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import QueryParams
from typing_extensions import override

from schemas.envelope import Id
from services.offer_api.web.auth import MAX_PLACEMENTS, viewer
from services.offer_api.web.doors import doors_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_IDS: Final = TypeAdapter(list[Id])


class Looking(APIRoute):
    """For a function of ``viewer``, ``doors`` and ``if_none_match``, with the types of these names.

    What is malformed goes the framework's way, which says what is wrong with it.
    """

    @override
    def get_route_handler(self) -> Handler:
        framework, look = super().get_route_handler(), self.endpoint

        async def handle(request: Request) -> Response:
            asked = _asked(request.query_params)
            if asked is None:
                return await framework(request)
            user, placements = asked
            looking = viewer(request.path_params["account"], request.state.caller, user, placements)
            answer: Response = await look(
                viewer=looking, doors=doors_of(request), if_none_match=request.headers.get("if-none-match")
            )
            return answer

        return handle


def _asked(query: QueryParams) -> tuple[str | None, list[str]] | None:
    """User and placements; None when one of them is not what it should be. Others are passed over, as everywhere."""
    users, placements = query.getlist("user"), query.getlist("placement")
    if len(users) > 1 or len(placements) > MAX_PLACEMENTS:
        return None
    try:
        _IDS.validate_python([*users, *placements])
    except ValidationError:
        return None
    return (users[0] if users else None), placements

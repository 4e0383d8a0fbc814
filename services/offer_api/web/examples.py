"""What requests and answers look like: one of each, as the document of the API shows them. A test reads them all."""

from typing import Any, Final

OFFER: Final[dict[str, Any]] = {
    "id": "04591f1e-ccec-511b-9740-9d406889ff98",
    "offer": "more_storage",
    "verb": "upgrade_to",
    "state": "open",
    "placements": ["banner", "upgrade_page"],
    "content": {"title": "You have used 1.8 of 2 GB", "body": "Plus has room for 2000 GB."},
    "options": [
        {
            "id": "plus",
            "kind": "plan",
            "recommended": False,
            "price": {"amount": "10", "currency": "USD", "term": "month", "per_seat": False},
            "gains": [{"what": "storage_gb", "before": "2", "after": "2000"}],
        }
    ],
    "evidence": [
        {
            "moment": "storage_full",
            "kind": "limit",
            "meter": "storage_gb",
            "value": "1.8",
            "limit": "2",
            "step": "0.9",
            "happened_at": "2026-03-04T10:12:00Z",
        }
    ],
    "after_a_no": {"rule": "30d", "seconds": 2_592_000},
    "score": "1.5",
    "made_at": "2026-03-04T10:12:01Z",
    "expires_at": "2026-03-18T10:12:01Z",
}

CANDIDATE: Final[dict[str, Any]] = {
    "offer": "team_plan",
    "moment": "storage_full",
    "target": "team",
    "stage": "arbitrated",
    "reason": "outscored",
    "detail": "1.5 beats 1.3",
    "score": "1.3",
    "factors": {"propensity": "1", "context": "1.3"},
}

DECISION: Final[dict[str, Any]] = {
    "decision_id": "9f3fc386-db71-55bb-8fc3-3fe417a7b4dd",
    "verdict": "offered",
    "at": "2026-03-04T10:12:01Z",
    "version": 41,
    "moments": OFFER["evidence"],
    "candidates": [
        {"offer": "more_storage", "moment": "storage_full", "stage": "arbitrated", "score": "1.5", "factors": {}},
        CANDIDATE,
    ],
    "offer_id": OFFER["id"],
    "account": {"plan": "free", "term": "month", "seats": 3, "owned": ["photos"], "zone": None},
    "meters": {"storage_gb": "1.80"},
    "levels": {"engagement": "high"},
    "segments": ["small_teams"],
    "attempt": 1,
    "held": [],
    "given_up": [],
}

RESPONSE: Final[dict[str, Any]] = {
    "id": "01JNFQ3T7Z-1",
    "offer": OFFER["id"],
    "response": "dismissed",
    "user": "u-7",
    "placement": "banner",
    "time": "2026-03-04T10:13:00Z",
}

BY_MODEL: Final[dict[str, dict[str, Any]]] = {
    "OffersOut": {"offers": [OFFER]},
    "OfferOut": OFFER,
    "GoneOut": {"id": OFFER["id"], "why": "revoked"},
    "CheckOut": {"id": OFFER["id"], "holds": False, "state": "revoked"},
    "ResponseIn": RESPONSE,
    "ReceiptOut": {"accepted": [RESPONSE["id"]]},
    "DecisionsOut": {"decisions": [DECISION], "next": 1290},
    "WhyAllOut": {"offers": [{"id": OFFER["id"], "offer": "more_storage", "state": "open", "decision": DECISION}]},
    "WhyNotAllOut": {
        "offer": "team_plan",
        "withheld": [
            {
                "decision_id": DECISION["decision_id"],
                "at": DECISION["at"],
                "verdict": "offered",
                "version": 41,
                "attempt": 1,
                "held": False,
                "candidates": [CANDIDATE],
            }
        ],
    },
    "ProblemOut": {
        "type": "urn:rung:problem:offer-over",
        "title": "The offer's life is over",
        "status": 409,
        "refused": [{"id": RESPONSE["id"], "offer": OFFER["id"], "state": "accepted"}],
    },
}
"""By the name of the model."""

STREAM: Final = (
    "retry: 1723\n\n"
    'event: offer\nid: 7-1290\ndata: {"id": "04591f1e-ccec-511b-9740-9d406889ff98", "state": "open", …}\n\n'
    'event: gone\nid: 7-1302\ndata: {"id": "04591f1e-ccec-511b-9740-9d406889ff98", "why": "revoked"}\n\n'
    ":\n\n"
    "event: resync\nid\ndata: {}\n\n"
)

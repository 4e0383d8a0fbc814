"""The dashboards of what comes after the engine: the offer API and the metrics sink."""

from typing import Final

from grafana_foundation_sdk.models import units

from deploy.grafana.panels import Panels, lines, marked, quantile, quantiles, rate

GET_LEVEL_S: Final = 0.01
"""The service level of a GET of offers, p95."""

GETS: Final = '{door="offers",answer="given"}'


def delivery() -> dict[str, Panels]:
    """How offers reach front ends, and answers come back."""
    return {
        "Front ends": [
            marked(
                lines(
                    "GET offers",
                    "To the head of the answer.",
                    units.Seconds,
                    quantiles("rung_api_request_seconds", GETS),
                ),
                GET_LEVEL_S,
            ),
            lines(
                "Requests a second",
                "By door and how they were answered.",
                units.Short,
                {"{{door}} {{answer}}": rate("rung_api_request_seconds_count", "door, answer")},
            ),
            lines(
                "Streams",
                "Open now, and those that ended a second by why.",
                units.Short,
                {"open": "sum(rung_api_streams)", "{{why}}": rate("rung_api_streams_ended_total", "why")},
            ),
            lines(
                "Responses a second",
                "Taken by kind, and refused by why.",
                units.Short,
                {
                    "{{response}}": rate("rung_api_responses_total", "response"),
                    "refused {{why}}": rate("rung_api_responses_refused_total", "why"),
                },
            ),
            lines(
                "Turned away a second",
                "Without a valid token, and asking too often.",
                units.Short,
                {
                    "no token": rate("rung_api_unauthorised_total"),
                    "limited {{per}}": rate("rung_api_limited_total", "per"),
                },
            ),
        ],
        "Projection": [
            lines(
                "Records not folded yet",
                "Of the logs of offers and decisions.",
                units.Short,
                {"offers": "sum(rung_api_projection_lag)", "decisions": "sum(rung_api_decisions_lag)"},
            ),
            lines(
                "How old what is folded is, p95",
                "The oldest record of a transaction, by log.",
                units.Seconds,
                {"{{log}}": quantile(0.95, "rung_api_projection_delay_seconds", by="le, log")},
            ),
            lines(
                "Transactions",
                "Of the projection of offers; 1 below: it stands still.",
                units.Seconds,
                {**quantiles("rung_api_apply_seconds"), "paused": "max(rung_api_paused)"},
            ),
            lines(
                "Connections in use",
                "By pool.",
                units.Short,
                {"{{pool}}": "sum by (pool) (rung_api_pool_in_use)"},
            ),
            lines(
                "Dead letters a second",
                "Records of offers and decisions that could not be read.",
                units.Short,
                {"dead letters": rate("rung_api_dead_letters_total")},
            ),
        ],
    }


def outcomes() -> dict[str, Panels]:
    """What became of offers, and how far the figures are."""
    return {
        "What became of offers": [
            lines(
                "Offers", "That reached each stage.", units.Short, {"{{stage}}": "max by (stage) (rung_sink_offers)"}
            ),
            lines(
                "Changes a second",
                "In the lives of offers, as folded.",
                units.Short,
                {
                    "{{change}}": rate("rung_sink_outcomes_total", "change"),
                    "held out": rate("rung_sink_held_out_total"),
                    "facts": rate("rung_sink_facts_total"),
                },
            ),
            lines(
                "Decisions a second",
                "By how they ended, as folded.",
                units.Short,
                {"{{verdict}}": rate("rung_sink_decisions_total", "verdict")},
            ),
            lines(
                "Why nothing was offered",
                "By reason, as folded.",
                units.Short,
                {"{{reason}}": rate("rung_sink_withheld_total", "reason") + " > 0"},
            ),
            lines(
                "Guarded offers",
                "Watched now; stopped lately, for they broke their guard; and looks a second.",
                units.Short,
                {
                    "watched": "max(rung_sink_guarded_offers)",
                    "stopped": "sum(increase(rung_sink_guard_stops_total[$__rate_interval]))",
                    "looks {{look}}": rate("rung_sink_guard_looks_total", "look"),
                },
            ),
        ],
        "The sink": [
            lines(
                "Records not folded yet", "By log.", units.Short, {"{{log}}": "sum by (log) (rung_sink_lag_records)"}
            ),
            lines(
                "How old what is folded is, p95",
                "The oldest record of a transaction, by log.",
                units.Seconds,
                {"{{log}}": quantile(0.95, "rung_sink_delay_seconds", by="le, log")},
            ),
            lines(
                "Transactions, p95",
                "By log; 1 below: it stands still.",
                units.Seconds,
                {
                    "{{log}}": quantile(0.95, "rung_sink_apply_seconds", by="le, log"),
                    "paused {{log}}": "max by (log) (rung_sink_paused)",
                },
            ),
            lines(
                "Connections, dead letters, erased rows",
                "Connections in use; the others a second.",
                units.Short,
                {
                    "connections": "sum(rung_sink_pool_in_use)",
                    "dead letters {{log}}": rate("rung_sink_dead_letters_total", "log"),
                    "erased {{log}}": rate("rung_sink_erased_rows_total", "log"),
                },
            ),
        ],
    }

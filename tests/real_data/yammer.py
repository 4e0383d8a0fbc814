"""The log of a B2B network: 340,832 events of 123 days, by user and not by time, with seven exact duplicates."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Final

from tests.contracts.real_data import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS: Final = 340_832
DUPLICATES: Final = 7
SIGNED_UP: Final = 3_680
SEARCHED: Final = 2_178
TEN_MESSAGES: Final = 1_087
"""Counted from the file by its README; `tests/real_data/test_yammer.py` counts them once more on its own."""

SIGNUP: Final = ("create_user", "enter_email", "enter_info", "complete_signup")
LATENESS_S: Final = 130 * 24 * 3_600
"""All of the log's 123 days, since it is in no order of time."""

PRODUCT: Final = """
product: network
default_plan: basic
events:
  user.create_user: {}
  user.enter_email: {}
  user.enter_info: {}
  user.complete_signup: {}
  user.search_run: {}
  user.send_message: {}
meters:
  searches: {count: user.search_run, by: user}
  messages: {count: user.send_message, by: user}
plans:
  - {id: basic, price: 0}
products:
  - {id: tour, price: 0}
  - {id: advanced_search, price: {month: 3}}
  - {id: archive, price: {month: 5}}
placements: [welcome, search, inbox]
"""

PLAYBOOK: Final = """
playbook: network
moments:
  signed_up: {onboarding: [user.create_user, user.enter_email, user.enter_info, user.complete_signup], of: user}
  first_search: {milestone: searches, reaches: 1}
  ten_messages: {milestone: messages, reaches: 10}
offers:
  tour: {on: [signed_up], add: tour, placements: [welcome]}
  advanced_search: {on: [first_search], add: advanced_search, placements: [search]}
  archive: {on: [ten_messages], add: archive, placements: [inbox]}
"""


def rows() -> Iterator[tuple[str, str, str, bytes]]:
    """Account (company), user, event name and the event's message, in the order of the file."""
    with gzip.open(folder("yammer") / "users.csv.gz", "rt") as file:
        company = {row["user_id"]: row["company_id"] for row in csv.DictReader(file)}
    with gzip.open(folder("yammer") / "events.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            account = f"company-{int(float(company[row['user_id']]))}"
            user = f"user-{int(float(row['user_id']))}"
            event = {
                "specversion": "1.0",
                # rows have no id of their own: a row that stands twice is the same event delivered twice
                "id": hashlib.sha256(",".join(row.values()).encode()).hexdigest()[:32],
                "source": "network/log",
                "type": f"user.{row['event_name']}",
                "subject": account,
                "time": row["occurred_at"].replace(" ", "T") + "Z",
                "data": {"user": user, "properties": {"device": row["device"], "location": row["location"]}},
            }
            yield account, user, row["event_name"], json.dumps(event).encode()

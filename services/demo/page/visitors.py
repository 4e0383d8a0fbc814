"""Who looks at the page: each browser is an account of its own, with a little of what a product knows of one."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from services.demo.acts import Send, Value

FILM_GB: Final = Decimal("0.9")
PEOPLE: Final = ("ada", "ben", "cleo", "dan", "eva", "finn", "gina", "hugo")
PLANS: Final = {"free": Decimal(2), "plus": Decimal(2000), "team": Decimal(1000), "enterprise": None}
"""Each with the GB it has room for; None: any number."""


class NoSuchAct(Exception):
    """The page can not do this."""


@dataclass
class Visitor:
    """One account, as the product itself has it in its own database."""

    account: str
    plan: str = "free"
    products: list[str] = field(default_factory=list)
    stored_gb: Decimal = Decimal(0)
    shared: int = 0
    ticket: int | None = None
    tickets: int = 0

    def begin(self) -> Send:
        """What Rung is told first of all."""
        return Send("rung.account_created", {"plan": self.plan})

    def does(self, act: str, option: str | None = None) -> Send:
        """Do ``act``; returns what Rung is told of it. Raises `NoSuchAct`."""
        match act:
            case "upload":
                self.stored_gb += FILM_GB
                return Send("file.stored", {"properties": {"size_gb": FILM_GB, "format": "film"}})
            case "share":
                self.shared += 1
                recipient = f"{PEOPLE[self.shared % len(PEOPLE)]}-{self.shared}@friends.example"
                return Send("file.shared", {"properties": {"recipient": recipient}})
            case "invite":
                return Send("member.invited", {"properties": {"role": "editor"}})
            case "open_ticket" | "close_ticket":
                return self._ticket(opens=act == "open_ticket")
            case "buy" if option is not None:
                return self._buys(option)
            case _:
                raise NoSuchAct

    def shown(self) -> dict[str, Value]:
        """What the page tells the visitor of itself."""
        room = PLANS[self.plan]
        return {
            "account": self.account,
            "plan": self.plan,
            "products": ", ".join(self.products),
            "stored_gb": str(self.stored_gb),
            "room_gb": None if room is None else str(room),
            "shared": self.shared,
            "ticket": self.ticket is not None,
        }

    def _ticket(self, *, opens: bool) -> Send:
        if opens == (self.ticket is not None):
            raise NoSuchAct
        if opens:
            self.tickets += 1
            self.ticket = self.tickets
        number, self.ticket = self.ticket, self.ticket if opens else None
        return Send(f"rung.ticket_{'opened' if opens else 'closed'}", {"ticket": f"{self.account}-{number}"})

    def _buys(self, option: str) -> Send:
        if option in PLANS:
            self.plan = option
            return Send("rung.plan_changed", {"plan": option, "term": "month"})
        self.products.append(option)
        return Send("rung.product_bought", {"product": option, "term": "month"})

"""What happens in the product, and what is true of an account, in the words of `playbooks/files`."""

from decimal import Decimal

from services.demo.acts import Send, Value


def on_plan(plan: str, seats: int | None = None, term: str | None = "month") -> Send:
    """The account exists, on ``plan``."""
    given: dict[str, Value] = {"plan": plan, "term": term, "seats": seats}
    return Send("rung.account_created", {name: value for name, value in given.items() if value is not None})


def changed_to(plan: str) -> Send:
    """Billing says that the account is on ``plan`` now."""
    return Send("rung.plan_changed", {"plan": plan, "term": "month"})


def bought(product: str) -> Send:
    """Billing says that the account owns ``product`` now."""
    return Send("rung.product_bought", {"product": product})


def stood_at(meter: str, value: str, as_of: str) -> Send:
    """What ``meter`` stood at before Rung counted it."""
    return Send("rung.meter_set", {"meter": meter, "value": Decimal(value), "as_of": as_of})


def stored(size_gb: str) -> Send:
    """Files of ``size_gb`` were stored."""
    return Send("file.stored", {"properties": {"size_gb": Decimal(size_gb)}})


def shared(files: int = 1) -> Send:
    """``files`` files were shared."""
    return Send("file.shared", {"quantity": files, "properties": {"recipient": "someone@example.com"}})


def shared_with(recipient: str) -> Send:
    """A file was shared with ``recipient``."""
    return Send("file.shared", {"properties": {"recipient": f"{recipient}@example.com"}})


def downloaded(size_gb: str) -> Send:
    """Files of ``size_gb`` were downloaded from public links."""
    return Send("link.downloaded", {"properties": {"size_gb": Decimal(size_gb)}})


def created_projects(projects: int = 1) -> Send:
    """``projects`` projects were created."""
    return Send("project.created", {"quantity": projects})


def exported(ago_s: int = 0) -> Send:
    """A report was exported."""
    return Send("report.exported", {"properties": {"format": "pdf"}}, ago_s)


def signed(user: str) -> Send:
    """``user`` signed a document."""
    return Send("document.signed", {"user": user})


def did(event: str) -> Send:
    """Something without numbers happened."""
    return Send(event)

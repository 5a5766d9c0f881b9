"""Every address of the app, and which of them anybody may open."""

from urllib.parse import quote, urlsplit

INDEX = "/"
SIGN_IN = "/sign-in"
APPOINTMENTS = "/appointments"
BILLING = "/billing"
CLIENTS = "/clients"
NEW_CLIENT = "/clients/new"
SERVICES = "/services"
SCHEMES = "/services/schemes"
CALENDAR = "/calendar"
OUTBOX = "/outbox"
SETTINGS = "/settings"
PAYMENT_SETTINGS = "/settings/payments"
CLIENT_FIELDS = "/settings/clients"
IMPORTS = "/import"
HELP = "/help"
PAY = "/pay"

POST_SIGN_IN = "/auth/sign-in"
POST_SIGN_OUT = "/auth/sign-out"
HEALTH_LIVE = "/health/live"
HEALTH_READY = "/health/ready"
HOOKS = "/hooks/"
FEEDS = "/feeds/"

PUBLIC = (SIGN_IN, PAY, HELP)
"""Pages that show nothing of a practice by themselves; elsewhere a person without a sign-in is sent to SIGN_IN."""


def appointment(appointment_id: int) -> str:
    return f"{APPOINTMENTS}/{appointment_id}"


def complete(appointment_id: int) -> str:
    return f"{APPOINTMENTS}/{appointment_id}/complete"


def invoice(invoice_id: int) -> str:
    return f"{BILLING}/{invoice_id}"


def client(client_id: int) -> str:
    return f"{CLIENTS}/{client_id}"


def service(service_id: int) -> str:
    return f"{SERVICES}/{service_id}"


def scheme(scheme_id: int) -> str:
    return f"{SCHEMES}/{scheme_id}"


def file_import(import_id: int) -> str:
    return f"{IMPORTS}/{import_id}"


def pay(token: str) -> str:
    return f"{PAY}/{quote(token, safe='')}"


def pay_back(request_uuid: str) -> str:
    """Where a gateway sends the payer back to. It opens nothing by itself."""
    return f"{PAY}/back/{quote(request_uuid, safe='')}"


def is_public(path: str) -> bool:
    return any(path == page or path.startswith(f"{page}/") for page in PUBLIC)


def within(path: str) -> str:
    """`path` where it is a page of ours (as typed after `next=`), else "/": never another site, never a scheme."""
    parts = urlsplit(path) if path.isascii() and path.isprintable() and "\\" not in path else None
    if parts is None or parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//"):
        return INDEX
    return INDEX if is_public(parts.path) and parts.path.startswith(SIGN_IN) else path


def own_origins(origin: str) -> frozenset[str]:
    """The origins our own pages have. On this machine `localhost` and `127.0.0.1` are two names of one place."""
    for name, twin in (("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")):
        if urlsplit(origin).hostname == name:
            return frozenset({origin, origin.replace(f"//{name}", f"//{twin}", 1)})
    return frozenset({origin})

"""Rules about gateways: disputes, fees, and a practice's own accounts with their keys and addresses for events."""

from trova_app.services.check.breaches import Invariant
from trova_app.services.check.question import Question

OF_ACCOUNT = "JOIN webhook_endpoint e ON e.public_id = g.endpoint_public_id AND g.endpoint_public_id <> ''"

# Of a request r: it was asked for through the account g, and something about it is still to be done outside.
THROUGH = (
    "r.practice_id = g.practice_id AND r.provider = g.provider AND r.created_at >= g.connected_at"
    " AND r.created_at < g.disconnected_at"
)
NOT_DONE = (
    "EXISTS (SELECT 1 FROM payment p LEFT JOIN refund f ON f.payment_id = p.id AND f.state = 'pending'"
    " WHERE p.request_id = r.id AND (p.state = 'pending' OR f.id IS NOT NULL))"
    " OR EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'ingest_event' AND o.done_at IS NULL AND o.invoice_id ="
    " r.invoice_id)"
    " OR EXISTS (SELECT 1 FROM outbox o WHERE o.done_at IS NULL AND (o.key LIKE 'close/' || r.request_uuid || '%'"
    " OR o.key IN (SELECT 'refund/' || f.refund_uuid FROM refund f JOIN payment p ON p.id = f.payment_id"
    " WHERE p.request_id = r.id)))"
)
MAY_BE_PAID = (  # at a gateway that cannot cancel a page, which its key is kept to look after
    "r.provider = 'paystack' AND (r.url <> '' AND r.changed_at > :pages_end OR EXISTS (SELECT 1 FROM payment p"
    " JOIN dispute d ON d.payment_id = p.id AND d.state = 'open' WHERE p.request_id = r.id))"
)
REMOVING = (
    "EXISTS (SELECT 1 FROM outbox o WHERE o.done_at IS NULL AND g.endpoint_public_id <> ''"
    " AND o.key = 'webhooks/' || g.endpoint_public_id || '/remove')"
)
CLOSING_TEST = (
    "EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'close_test_payment' AND o.done_at IS NULL"
    " AND o.key LIKE 'test/' || g.id || '/%')"
)

GATEWAY_QUESTIONS = (
    Question(
        Invariant.GIVEN_BACK,
        "dispute",
        "It is of a payment that failed, or of another gateway's.",
        "SELECT x.id FROM dispute x JOIN payment p ON p.id = x.payment_id"
        " WHERE x.provider <> p.provider OR p.state = 'failed'",
    ),
    Question(
        Invariant.REVIEW,
        "dispute",
        "It is decided, and somebody is still asked to answer it.",
        "SELECT d.id FROM dispute d JOIN review_item v ON v.key = 'dispute/' || d.provider || '/'"
        " || d.provider_dispute_id AND v.state = 'open' WHERE d.state <> 'open'",
    ),
    Question(
        Invariant.REVIEW,
        "payment_request",
        "It is closed on a person's word, and nobody has given it.",
        "SELECT r.id FROM payment_request r WHERE r.state = 'closed'"
        " AND r.closed_reason = 'it was switched off in the account it was made with' AND NOT EXISTS (SELECT 1 FROM"
        " review_item v WHERE v.key = 'link_lost/' || r.request_uuid AND v.resolved_by IS NOT NULL)",
    ),
    Question(
        Invariant.REVIEW,
        "payment_request",
        "It is closed, and somebody is still asked whether it is.",
        "SELECT r.id FROM payment_request r JOIN review_item v ON v.key = 'link_lost/' || r.request_uuid"
        " AND v.state = 'open' WHERE r.state = 'closed'",
    ),
    Question(
        Invariant.REVIEW,
        "refund",
        "It is not counted, and nobody was asked what it is.",
        "SELECT f.id FROM refund f WHERE NOT f.is_counted AND (f.state = 'failed' OR NOT EXISTS (SELECT 1 FROM"
        " review_item v WHERE v.key = 'refund_unclear/' || f.refund_uuid"
        " AND (v.state = 'open' OR v.resolved_by IS NOT NULL AND v.decision = 'ignore')))",
    ),
    Question(
        Invariant.REVIEW,
        "refund",
        "It is counted, and somebody is still asked what it is.",
        "SELECT f.id FROM refund f JOIN review_item v ON v.key = 'refund_unclear/' || f.refund_uuid"
        " AND v.state = 'open' WHERE f.is_counted",
    ),
    Question(
        Invariant.GIVEN_BACK,
        "refund",
        "The gateway did not know its payment, and yet it waits for it.",
        "SELECT id FROM refund WHERE unknown_to <> '' AND state IN ('wanted', 'pending') AND provider_refund_id = ''",
    ),
    Question(
        Invariant.BALANCE,
        "payment",
        "Its fee is below nothing or above what came, or nobody was there to take one.",
        "SELECT id FROM payment WHERE fee_minor IS NOT NULL"
        " AND (fee_minor NOT BETWEEN 0 AND amount_minor OR provider = 'manual')",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "It is connected without a key, or its key stands there as it was typed.",
        "SELECT id FROM gateway_account WHERE disconnected_at IS NULL AND key_encrypted = ''"
        " OR substr(key_encrypted, 1, 3) IN ('sk_', 'rk_', 'pk_')",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "Its practice has another account connected.",
        "SELECT g.id FROM gateway_account g WHERE g.disconnected_at IS NULL AND EXISTS (SELECT 1 FROM gateway_account o"
        " WHERE o.practice_id = g.practice_id AND o.disconnected_at IS NULL AND o.id < g.id)",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "Its events arrive at another practice's address or another gateway's, or at none.",
        "SELECT g.id FROM gateway_account g WHERE g.endpoint_public_id <> '' AND NOT EXISTS (SELECT 1 FROM"
        " webhook_endpoint e WHERE e.public_id = g.endpoint_public_id AND e.practice_id = g.practice_id"
        " AND e.provider = g.provider)",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "The secret of its events stands there as it was typed.",
        f"SELECT g.id FROM gateway_account g {OF_ACCOUNT} WHERE substr(e.secret, 1, 3) IN ('sk_', 'whs')"  # noqa: S608
        " OR substr(e.earlier_secret, 1, 3) IN ('sk_', 'whs')",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "A replaced secret of its events has no end.",
        f"SELECT g.id FROM gateway_account g {OF_ACCOUNT} WHERE e.earlier_secret <> ''"  # noqa: S608
        " AND e.earlier_until IS NULL",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "It is disconnected, and events for it would still be believed.",
        f"SELECT g.id FROM gateway_account g {OF_ACCOUNT} WHERE g.disconnected_at IS NOT NULL"  # noqa: S608
        " AND (e.secret <> '' OR e.earlier_secret <> '')",
    ),
    Question(
        Invariant.GATEWAY_ACCOUNT,
        "gateway_account",
        "It is disconnected, nothing through it is open, and its key was not forgotten.",
        "SELECT g.id FROM gateway_account g WHERE g.disconnected_at IS NOT NULL AND g.key_encrypted <> ''"  # noqa: S608
        f" AND NOT {REMOVING} AND NOT {CLOSING_TEST} AND NOT EXISTS (SELECT 1 FROM payment_request r WHERE {THROUGH}"
        f" AND (r.state IN ('creating', 'active', 'closing') OR {NOT_DONE} OR {MAY_BE_PAID}))",
    ),
)

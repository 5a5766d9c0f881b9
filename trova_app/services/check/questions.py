"""Rules that are one question to the database: a table, easy to read through and to add to."""

from trova_app.services.check.breaches import Invariant
from trova_app.services.check.gateway_questions import GATEWAY_QUESTIONS
from trova_app.services.check.question import Question

LIVE_INVOICES = "(SELECT count(*) FROM invoice i WHERE i.appointment_id = a.id AND i.status <> 'void')"
GIVEN_BACK = (
    "coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.payment_id = p.id AND r.state = 'succeeded'"
    " AND r.is_counted), 0)"
)
LOST = "coalesce((SELECT sum(d.amount_minor) FROM dispute d WHERE d.payment_id = p.id AND d.state = 'lost'), 0)"
LEFT = f"p.amount_minor - {GIVEN_BACK}"
STANDS = f"CASE WHEN {LOST} = 0 THEN {LEFT} WHEN {LEFT} > {LOST} THEN {LEFT} - {LOST} ELSE 0 END"
GOES = (  # one that is only wanted was asked for before the gateway told of another, and is held back by it
    "r.is_counted AND r.state <> 'failed' AND NOT (r.state = 'wanted' AND EXISTS (SELECT 1 FROM refund t WHERE"
    " t.payment_id = r.payment_id AND t.state IN ('pending', 'succeeded') AND t.provider_refund_id <> t.refund_uuid"
    " AND t.changed_at >= r.created_at))"
)
OF_INVOICE = "JOIN invoice i ON i.id = x.invoice_id"
OF_PAYMENT = "JOIN payment p ON p.id = x.payment_id"

QUESTIONS = (
    *(
        Question(
            Invariant.ONE_CURRENCY,
            table,
            "It is in another currency than its invoice.",
            f"SELECT x.id FROM {table} x {OF_INVOICE} WHERE x.currency <> i.currency",  # noqa: S608 - our own names
        )
        for table in ("payment", "payment_request", "refund")
    ),
    Question(
        Invariant.COMPLETED,
        "appointment",
        "It is completed without exactly one live invoice.",
        f"SELECT a.id FROM appointment a WHERE a.state = 'completed' AND {LIVE_INVOICES} <> 1",  # noqa: S608
    ),
    Question(
        Invariant.COMPLETED,
        "appointment",
        "It is neither completed nor missed with a fee and yet has a live invoice.",
        "SELECT a.id FROM appointment a WHERE a.state <> 'completed' AND"  # noqa: S608
        f" NOT (a.state = 'missed' AND a.missed_fee_minor IS NOT NULL) AND {LIVE_INVOICES} > 0",
    ),
    Question(
        Invariant.COMPLETED,
        "appointment",
        "It was completed before it was over, or at no known moment.",
        "SELECT id FROM appointment WHERE state = 'completed' AND (completed_at IS NULL OR completed_at < ends_at"
        " OR completed_at > :now) OR state <> 'completed' AND completed_at IS NOT NULL",
    ),
    Question(
        Invariant.STATUS,
        "invoice",
        "It is a Draft with the number or date of an issued document.",
        "SELECT id FROM invoice WHERE status = 'draft' AND (number IS NOT NULL OR number_text <> ''"
        " OR issue_date IS NOT NULL)",
    ),
    Question(
        Invariant.STATUS,
        "invoice",
        "It is issued without a number or a date.",
        "SELECT id FROM invoice WHERE status <> 'draft' AND (number IS NULL OR number_text = '' OR issue_date IS NULL)",
    ),
    Question(
        Invariant.STATUS,
        "invoice",
        "It is issued and has not exactly one invoice document, or is a Draft and has one.",
        "SELECT i.id FROM invoice i WHERE (SELECT count(*) FROM document d WHERE d.invoice_id = i.id AND d.kind ="
        " CASE i.payment_type WHEN 'insurance' THEN 'insurer_invoice' ELSE 'invoice' END)"
        " <> CASE i.status WHEN 'draft' THEN 0 ELSE 1 END",
    ),
    Question(
        Invariant.BALANCE,
        "invoice_line",
        "Its discount or its share of the invoice's discount is not between nothing and the line's amount.",
        "SELECT id FROM invoice_line WHERE discount_minor NOT BETWEEN 0 AND gross_minor"
        " OR share_minor NOT BETWEEN 0 AND net_minor",
    ),
    Question(
        Invariant.BALANCE,
        "invoice",
        "Its discount is not between nothing and the subtotal.",
        "SELECT id FROM invoice WHERE discount_minor NOT BETWEEN 0 AND subtotal_minor",
    ),
    Question(
        Invariant.BALANCE,
        "invoice",
        "More counts as paid than its total, and nobody was asked about it.",
        "SELECT i.id FROM invoice i JOIN payment p ON p.invoice_id = i.id AND p.state = 'succeeded'"  # noqa: S608
        " AND NOT p.is_credit AND NOT EXISTS (SELECT 1 FROM review_item v WHERE v.invoice_id = i.id"
        " AND v.kind IN ('overpaid', 'refund_failed') AND (v.state = 'open' OR v.resolved_by IS NOT NULL))"
        f" GROUP BY i.id, i.total_minor HAVING sum({STANDS}) > i.total_minor",
    ),
    Question(
        Invariant.BALANCE,
        "payment",
        "It counts for a void invoice, and nobody was asked what to do with it.",
        f"SELECT p.id FROM payment p JOIN invoice i ON i.id = p.invoice_id AND i.status = 'void'"  # noqa: S608
        f" WHERE p.state = 'succeeded' AND NOT p.is_credit AND {STANDS} > 0 AND NOT EXISTS (SELECT 1 FROM review_item v"
        " WHERE v.payment_id = p.id AND v.kind = 'refund_failed')",
    ),
    Question(
        Invariant.BALANCE,
        "payment",
        "More was given back than was received.",
        f"SELECT p.id FROM payment p JOIN refund r ON r.payment_id = p.id AND {GOES}"  # noqa: S608
        " GROUP BY p.id, p.amount_minor HAVING sum(r.amount_minor) > p.amount_minor",
    ),
    Question(
        Invariant.BALANCE,
        "payment",
        "It is for a Draft, which nobody was asked to pay.",
        f"SELECT x.id FROM payment x {OF_INVOICE} WHERE i.status = 'draft'",  # noqa: S608
    ),
    Question(
        Invariant.PAID_ONLINE,
        "payment",
        "It was paid online, but no paid request over its amount belongs to it.",
        "SELECT p.id FROM payment p LEFT JOIN payment_request r ON r.id = p.request_id AND r.state = 'paid'"
        " AND r.invoice_id = p.invoice_id AND r.amount_minor = p.amount_minor"
        " WHERE p.provider <> 'manual' AND p.state = 'succeeded' AND NOT p.is_credit AND r.id IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM review_item v WHERE v.payment_id = p.id AND v.decision = 'apply'"
        " AND v.kind <> 'refund_unclear')",
    ),
    Question(
        Invariant.PAID_ONLINE,
        "payment_request",
        "It is marked paid, but no payment belongs to it.",
        "SELECT r.id FROM payment_request r WHERE r.state = 'paid' AND NOT EXISTS"
        " (SELECT 1 FROM payment p WHERE p.request_id = r.id AND p.state = 'succeeded')",
    ),
    Question(
        Invariant.ONE_LINK,
        "invoice",
        "It has more than one live link to pay, or has one while it is a Draft.",
        "SELECT i.id FROM invoice i JOIN payment_request r ON r.invoice_id = i.id"
        " AND r.state IN ('creating', 'active', 'closing') GROUP BY i.id, i.status"
        " HAVING count(*) > 1 OR i.status = 'draft'",
    ),
    Question(
        Invariant.ONE_LINK,
        "payment_request",
        "It can be paid, but its invoice is not issued any more.",
        f"SELECT x.id FROM payment_request x {OF_INVOICE} WHERE x.state IN ('creating', 'active')"  # noqa: S608
        " AND i.status <> 'issued'",
    ),
    Question(
        Invariant.ONE_LINK,
        "payment_request",
        "It is being closed, and nothing is left that would close it.",
        "SELECT r.id FROM payment_request r WHERE r.state = 'closing' AND NOT EXISTS (SELECT 1 FROM outbox o"
        " WHERE o.kind = 'close_link' AND o.invoice_id = r.invoice_id AND o.done_at IS NULL)",
    ),
    Question(
        Invariant.LINK_KEY,
        "payment_request",
        "It has no key of its own, or is open without the link it stands for.",
        "SELECT r.id FROM payment_request r WHERE length(r.request_uuid) <> 36"
        " OR r.state = 'active' AND (r.provider_ref IS NULL OR r.url = '')"
        " OR EXISTS (SELECT 1 FROM payment_request s WHERE s.request_uuid = r.request_uuid AND s.id < r.id)",
    ),
    Question(
        Invariant.OUTBOX,
        "outbox",
        "It is both done and stopped, or one of these and still held by a worker.",
        "SELECT id FROM outbox WHERE done_at IS NOT NULL AND dead_at IS NOT NULL"
        " OR (done_at IS NOT NULL OR dead_at IS NOT NULL) AND (leased_until IS NOT NULL OR lease_token <> '')"
        " OR (leased_until IS NULL) <> (lease_token = '')",
    ),
    Question(
        Invariant.OUTBOX,
        "outbox",
        "A worker took it and nobody has come back to it for an hour: is a worker running?",
        "SELECT id FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND leased_until < :hour_ago",
    ),
    Question(
        Invariant.OUTBOX,
        "outbox",
        "The same job stands there twice.",
        "SELECT max(id) FROM outbox GROUP BY key HAVING count(*) > 1",
    ),
    Question(
        Invariant.MAIL,
        "outbox",
        "It counts as done, but its letter did not go out.",
        "SELECT o.id FROM outbox o LEFT JOIN mail m ON m.key = o.key AND m.state IN ('sent', 'captured')"
        " WHERE o.kind = 'letter' AND o.done_at IS NOT NULL AND m.id IS NULL",
    ),
    Question(
        Invariant.MAIL,
        "mail",
        "It has no Message-ID of its own.",
        "SELECT m.id FROM mail m WHERE m.message_id = ''"
        " OR EXISTS (SELECT 1 FROM mail n WHERE n.message_id = m.message_id AND n.id < m.id)",
    ),
    Question(
        Invariant.MAIL,
        "mail",
        "The same letter was written twice.",
        "SELECT max(id) FROM mail GROUP BY key HAVING count(*) > 1",
    ),
    Question(
        Invariant.MAIL,
        "mail",
        "What became of it and when it went out do not agree.",
        "SELECT id FROM mail WHERE (state IN ('sent', 'captured')) <> (sent_at IS NOT NULL)",
    ),
    Question(
        Invariant.INSURER,
        "payment_request",
        "It asks the client to pay an insurer's invoice.",
        f"SELECT x.id FROM payment_request x {OF_INVOICE} WHERE i.payment_type = 'insurance'",  # noqa: S608
    ),
    Question(
        Invariant.ONE_PRACTICE,
        "invoice",
        "It is made out to another client than its session's.",
        "SELECT i.id FROM invoice i JOIN appointment a ON a.id = i.appointment_id WHERE a.client_id <> i.client_id",
    ),
    Question(
        Invariant.ONE_PRACTICE,
        "refund",
        "It is for another invoice than its payment.",
        "SELECT r.id FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.invoice_id <> p.invoice_id",
    ),
    Question(
        Invariant.ONE_PRACTICE,
        "mail",
        "It carries another invoice's document.",
        "SELECT m.id FROM mail m JOIN document d ON d.id = m.document_id WHERE d.invoice_id <> m.invoice_id",
    ),
    Question(
        Invariant.TIMELINE,
        "invoice",
        "It is issued, and its timeline does not say so.",
        "SELECT i.id FROM invoice i WHERE i.status <> 'draft'"
        " AND NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.invoice_id = i.id)",
    ),
    Question(
        Invariant.WORKING_COPY,
        "completion_draft",
        "Its session is billed, so there is nothing left to fill in.",
        "SELECT c.appointment_id FROM completion_draft c JOIN invoice i ON i.appointment_id = c.appointment_id"
        " WHERE i.status = 'issued'",
    ),
    Question(
        Invariant.GIVEN_BACK,
        "refund",
        "It is of a payment that never arrived, or of another gateway's.",
        f"SELECT x.id FROM refund x {OF_PAYMENT} WHERE x.provider <> p.provider OR p.state <> 'succeeded'",  # noqa: S608
    ),
    Question(
        Invariant.GIVEN_BACK,
        "dispute",
        "It is in another currency than its payment, or about more than came.",
        f"SELECT x.id FROM dispute x {OF_PAYMENT} WHERE x.currency <> p.currency"  # noqa: S608
        " OR x.amount_minor > p.amount_minor",
    ),
    Question(
        Invariant.GIVEN_BACK,
        "refund",
        "It has no key of its own, or went back without the gateway's name for it.",
        "SELECT id FROM refund WHERE length(refund_uuid) <> 36"
        " OR state IN ('pending', 'succeeded') AND provider_refund_id = ''",
    ),
    Question(
        Invariant.GIVEN_BACK,
        "refund",
        "The gateway is to give it back, but no job says so.",
        "SELECT x.id FROM refund x WHERE x.state = 'wanted' AND NOT EXISTS"
        " (SELECT 1 FROM outbox o WHERE o.key = 'refund/' || x.refund_uuid AND o.kind = 'refund')",
    ),
    Question(
        Invariant.GIVEN_BACK,
        "refund",
        "It was taken back, but counts all the same, or the gateway told of it, or nobody knows who did so.",
        "SELECT id FROM refund WHERE (taken_back_at IS NULL) <> (taken_back_by IS NULL)"
        " OR taken_back_at IS NOT NULL AND (state <> 'failed' OR provider_refund_id <> refund_uuid)",
    ),
    Question(
        Invariant.REVIEW,
        "payment",
        "It settles nothing, and nobody was asked what to do with it.",
        "SELECT p.id FROM payment p WHERE p.is_credit AND p.state = 'succeeded' AND NOT EXISTS"
        " (SELECT 1 FROM review_item v WHERE v.payment_id = p.id AND v.kind IN ('credit', 'wrong_amount'))",
    ),
    Question(
        Invariant.REVIEW,
        "review_item",
        "Whether it is decided and when do not agree.",
        "SELECT id FROM review_item WHERE (state = 'resolved') <> (decision <> '')"
        " OR (state = 'resolved') <> (resolved_at IS NOT NULL) OR state = 'open' AND resolved_by IS NOT NULL",
    ),
    Question(
        Invariant.REVIEW,
        "review_item",
        "Its credit was to be counted, and is not.",
        f"SELECT x.id FROM review_item x {OF_PAYMENT} WHERE x.decision = 'apply'"  # noqa: S608
        " AND x.kind <> 'refund_unclear' AND p.is_credit",
    ),
    Question(
        Invariant.REVIEW,
        "review_item",
        "It was to be given back, and no refund was asked for.",
        "SELECT x.id FROM review_item x WHERE x.decision = 'refund'"
        " AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.payment_id = x.payment_id)",
    ),
    Question(
        Invariant.REVIEW,
        "review_item",
        "It asks about a credit that is counted already.",
        f"SELECT x.id FROM review_item x {OF_PAYMENT} WHERE x.kind = 'credit'"  # noqa: S608
        " AND x.state = 'open' AND NOT p.is_credit",
    ),
    Question(
        Invariant.REVIEW,
        "dispute",
        "It is open, and nobody was asked to answer it.",
        "SELECT d.id FROM dispute d WHERE d.state = 'open' AND NOT EXISTS (SELECT 1 FROM review_item v"
        " WHERE v.key = 'dispute/' || d.provider || '/' || d.provider_dispute_id)",
    ),
    *GATEWAY_QUESTIONS,
)

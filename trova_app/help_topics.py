"""What the Help page says: one topic for each task, in the order somebody meets them.

In the texts, [Send Receipt] is something that reads so on a page, and `trova check` something to type; tests hold both
to the pages and to the commands, so that no help outlives what it speaks of. `picture`: a file of `assets/help`.
"""

from typing import NamedTuple


class Topic(NamedTuple):
    """`key` is where links lead (/help#key). `alt` says what `picture` shows, "" for none."""

    key: str
    title: str
    words: str
    steps: tuple[str, ...]
    alt: str = ""

    @property
    def picture(self) -> str:
        return f"/help/{self.key}.webp" if self.alt else ""


SIGN_IN = Topic(
    "sign-in",
    "Sign in and out",
    "Everybody in the practice has a sign-in of their own.",
    (
        "Open the practice's address, fill in [E-mail] and [Password], and press [Sign in].",
        "A page left open without use signs out by itself. Sign in again, and you are back where you were, with "
        "everything you typed.",
        "To leave, open the menu with your name (on a phone [More]) and press [Sign out].",
        "The password is forgotten, or somebody new begins? Whoever runs the installation adds people with "
        "`trova user add`.",
    ),
)
APPOINTMENTS = Topic(
    "appointments",
    "Find the session you want to bill",
    "Sessions move from tab to tab by themselves.",
    (
        "[Upcoming] holds what is booked. When a session's end has passed, it moves to [Open]: these wait for you.",
        "Press [View Details] in its row.",
        "What billing still needs stands on top, under [Still needed for billing]. [Fill in] opens the field; without "
        "the tick at [Keep in the profile] it is for this session only.",
        "From anywhere, [Search] (Ctrl K) finds a session, a client or a document by a few letters.",
    ),
    "The list of open sessions, grouped by day, with View Details in each row",
)
COMPLETE = Topic(
    "complete",
    "Complete a session",
    "Three clicks where nothing has to change.",
    (
        "On the session's page press [Mark Session Complete].",
        "Choose [Online Payment], [Other Payment] or [Insurance Payment]. What this client used last is chosen.",
        "Look the [Line items] over. Change what differs, press [Add line item], or take everything from the session "
        "before with [Same as last time].",
        "Add a diagnosis by its code or by words under [Add ICD-10 code or words].",
        "[Invoice discount] takes an amount or a percentage, such as 100 or 10%. Each line has a discount of its own.",
        "Press the closing button at the bottom. What is missing is marked, and says what to do.",
    ),
    "The completion form with payment types, line items, totals and the closing buttons",
)
ONLINE = Topic(
    "online-payment",
    "Ask for payment online",
    "The client gets the invoice by mail, with a link to pay.",
    (
        "Choose [Online Payment] and check [Client's mail address].",
        "Press [Request payment]. The invoice gets its number and goes out as soon as the link is made.",
        "When the client has paid, the status turns to [Paid] by itself and the receipt goes out.",
        "[Copy] beside [Pay address] on the invoice's page gives you the link, for a message of your own.",
    ),
    "An invoice that was sent: its status, the amount due and the link to pay",
)
OTHER = Topic(
    "other-payment",
    "Take cash, a transfer or a card",
    "For money that comes at the desk or to the bank account.",
    (
        "Choose [Other Payment].",
        "Paid already? Fill in [How it was paid], [Date received] and [Reference], and press [Send Receipt]. An empty "
        "[Cash received] means all of it; less leaves the invoice [Partly paid].",
        "Not paid yet? Press [Send]: the invoice goes out with your bank details. When the money comes, see "
        "Mark an invoice as paid.",
    ),
)
INSURANCE = Topic(
    "insurance-payment",
    "Bill a medical aid",
    "An invoice for the insurer, with codes and member details. It never has a link to pay.",
    (
        "Choose [Insurance Payment] and check [Medical scheme], [Member number] and [Dependant code].",
        "What a claim still lacks is listed before you finish. It does not hold you up.",
        "Press [Generate invoice]. It stands in Billing as [Ready to claim].",
        "Open it and press [Mail to insurer], or submit it yourself and press [Mark as submitted]. Then it is [Sent].",
        "When the scheme has paid, press [Mark as paid].",
    ),
    "An invoice for an insurer, ready to claim, with Mail to insurer as the next act",
)
DRAFTS = Topic(
    "drafts",
    "Keep a Draft and finish it later",
    "A Draft has no number, and nobody is written to.",
    (
        "On the form press [Save and Review]. The session is completed, and the Draft stands in Billing.",
        "Open it in [Billing], under [Invoices]. It is the same form with the same closing buttons.",
        "Wrong session? [Reopen session] takes the Draft away and puts the session back under [Open], with what was "
        "typed.",
    ),
)
RECEIPTS = Topic(
    "receipts",
    "Send a receipt, or send a document again",
    "Receipts are made as money comes in.",
    (
        "[Send Receipt] on the form mails one at once; for an online payment it goes out by itself.",
        "With [Mark as paid], tick [Mail a receipt].",
        "[Mail again] on the document's page sends any of its documents once more, also to another address.",
        "[Open PDF] shows what was given out. It never changes afterwards.",
    ),
)
MARK_PAID = Topic(
    "mark-as-paid",
    "Mark an invoice as paid",
    "For money that came outside Trova.",
    (
        "Open the invoice in [Billing] and press [Mark as paid].",
        "Check [Amount], [Date received], [Method] and [Reference]. A smaller amount leaves it [Partly paid].",
        "Confirm. The payment stands on the invoice and under [Payments], with who noted it and when.",
    ),
    "The question Mark as paid, with amount, date, method and reference",
)
CORRECT = Topic(
    "correct",
    "Correct, void or refund",
    "An invoice that was given out is never changed; it is replaced or withdrawn.",
    (
        "[Correct] makes a Draft of the same lines. Change it and send it; the earlier invoice is void and keeps its "
        "number.",
        "[Void] withdraws an invoice with a reason. Its session can be billed again.",
        "Where money stands on it, give that back first: [Refund] beside the payment.",
        "An online payment goes back the way it came. [Record refund] notes money you gave back by hand,"
        " [Take back] withdraws such a note where it was a mistake.",
    ),
)
MISSED = Topic(
    "missed",
    "Missed and cancelled sessions",
    "With or without a fee.",
    (
        "On the session's page press [Mark Session Missed]. Fill in [Fee] to charge for it, or leave it empty.",
        "[Mark as missed] closes it. With a fee, the form to bill it comes next; later it is [Bill the fee], under "
        "[Missed].",
        "A session that will not take place: [Cancel session], with a reason. It moves to [Cancelled].",
        "Marked or cancelled by mistake? [Put on again].",
    ),
    "The question Mark this session as missed, with a field for the fee",
)
CLIENTS = Topic(
    "clients",
    "Add and change clients",
    "Two names are enough to begin with.",
    (
        "In [Clients] press [New client], fill in the names and press [Add client].",
        "On the client's page each part has [Edit]: contact, guardian or payer, medical aid, diagnosis, consents.",
        "Of several mail addresses, the one marked [Invoices] gets them.",
        "If a colleague wrote in the same field meanwhile, both texts are shown: [Keep mine] or [Take theirs].",
        "[Archive] puts somebody away whole; [Bring back] returns them.",
        "[Download everything] gives you all that is kept about a client as one file.",
    ),
    "A client's page: contact, medical aid and diagnosis, with appointments and documents beside them",
)
MERGE = Topic(
    "merge",
    "Two records of one person",
    "They are made one, and can be taken apart again.",
    (
        "In [Clients] open [Might be the same]. Press [Look at both], or [Two people] where they are not the same.",
        "On the client who stays, press [Merge], or [Merge with another client] to look for one.",
        "Appointments and invoices go over; documents stay as they were given out. [Undo merge] takes it back.",
    ),
)
IMPORT = Topic(
    "import",
    "Bring clients and appointments along",
    "From another system's list, or any calendar.",
    (
        "In [Clients] or [Appointments] press [Import], then [Choose a file]: CSV or Excel, for "
        "appointments also a calendar's .ics file. Rows may also be pasted.",
        "Look at [What would happen]: nothing is kept yet. What each column is read as stands under [Columns], and can "
        "be changed.",
        "Start it with the button below. You can leave the page; it goes on by itself. Sessions that are over stand "
        "under [Open].",
        "The same list twice changes nothing. [Undo this import] takes it back while nothing of it was billed.",
        "Whoever runs the installation can do the same by command. Look first: `trova import clients FILE --dry-run`, "
        "or `trova import appointments FILE --dry-run --create-missing`, which adds clients and services that are "
        "missing.",
        "Then leave out `--dry-run`. All rows of the file are kept, or none.",
    ),
)
SERVICES = Topic(
    "services",
    "Services and your prices",
    "What you offer, with the lines a session is billed by.",
    (
        "In [Services] press [New service]; fill in [Name], [Length, in minutes] and the price, and press "
        "[Add service].",
        "A service has one or more lines: [Add line]. [From minutes] chooses lines by the session's length.",
        "A new price asks about sessions that are booked: [Keep the old price for them] or [Use the new price].",
        "[Archive] takes a service off the lists; what was billed stays.",
    ),
    "A service with its lines, codes and prices",
)
SCHEMES = Topic(
    "schemes",
    "Schemes and their price lists",
    "A client of a scheme begins with the price the scheme pays on the day.",
    (
        "In [Services] choose [Schemes], then [New scheme]. [Claim address] is where its invoices are mailed.",
        "Open the scheme. Under [Import a price list], [Choose a file] takes CSV or Excel; or paste the rows.",
        "Set [Valid from]. What changes, and for whose sessions, is shown before anything is kept.",
        "Press [Keep this price list]. Earlier sessions keep the earlier price; [Remove the list] takes it away again.",
    ),
    "A scheme with its price list",
)
CALENDAR = Topic(
    "calendar",
    "Book and move sessions",
    "By mouse, finger or keyboard.",
    (
        "In [Calendar] press a free time or [New appointment]; fill in [Client], [Service] and [Start], and press "
        "[Book]. Past days work too.",
        "For a session that repeats open [With whom, where, how long, how often] and choose under [Repeats].",
        "Drag a session to move it, or pull its lower edge to lengthen it. [Undo] puts it back.",
        "Or open it and press [Reschedule]. Of a series you choose [Only this one], [This and following] or "
        "[All that are to come].",
        "[Week] and [Day] change the view; a session wanted twice is marked.",
    ),
    "The calendar's week with booked sessions",
)
PAYMENTS = Topic(
    "payment-settings",
    "Let clients pay online",
    "Once, by the owner. Each practice connects an account of its own.",
    (
        "Open [Settings], then [Payments].",
        "Put a restricted key of your Stripe account into [Key] and press [Connect]. It is kept encrypted and never "
        "shown again.",
        "[Test payment] opens a link to try it with; it touches no invoice.",
        "[Connect webhooks] lets Stripe tell about payments at once. Without it, they are looked up every few minutes, "
        "or by [Check payments now].",
    ),
    "The page of Settings where a gateway is connected",
)
OUTBOX = Topic(
    "outbox",
    "A letter did not arrive",
    "Nothing that should leave is lost; what got stuck stands in the Outbox.",
    (
        "Open [Outbox] in the menu with your name. [Not gone yet] says what waits, and why.",
        "What [Stopped] waits for you: put right what it says, then press [Retry].",
        "[Letters] shows each letter as its recipient reads it, and whether the mail server took it.",
        "A wrong address? Correct it on the client's page and press [Mail again] on the document.",
        "Where no mail server is set up, letters stay here and nothing leaves.",
    ),
    "The Outbox with its letters",
)
REVIEW = Topic(
    "to-decide",
    "Payments that wait for a decision",
    "Money that does not fit anything is counted nowhere until somebody says so.",
    (
        "They stand on top of [Billing], under To decide, each with a sentence about what happened.",
        "[Count for an invoice] uses the money for an invoice of the same client.",
        "[Refund] gives it back.",
        "[Count it] says what a refund is that the gateway tells of: one that was written down here, or another one.",
        "[Leave as it is] or [Mark as done] closes it, with a reason that stands on the invoice.",
    ),
)
PRACTICE = Topic(
    "practice",
    "Your practice's details",
    "They stand on documents from then on; what was given out stays as it is.",
    (
        "Open [Settings]. Fill in name, address, [Practice number] and bank details, and press [Save settings].",
        "[Charge tax] only if the practice is registered. A rate that changes is added ahead with its [From day] and "
        "[Add a rate]; each line takes the rate of its day.",
        "[Logo] is saved by itself with [Save logo].",
        "[Support address] is where your team asks for help; it stands on this page and in the menu.",
    ),
)

TOPICS = (
    SIGN_IN, APPOINTMENTS, COMPLETE, ONLINE, OTHER, INSURANCE, DRAFTS, RECEIPTS, MARK_PAID, CORRECT, MISSED, CLIENTS,
    MERGE, IMPORT, SERVICES, SCHEMES, CALENDAR, PAYMENTS, OUTBOX, REVIEW, PRACTICE,
)  # fmt: skip

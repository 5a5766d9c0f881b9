"""Imports in the browser, from the look through a file to its undoing. Each goes on in the background, a few rows to a
transaction, so that nobody else waits; a person sees how far it is, and may leave.

`acts`: what a person does. `shown`: what they see. `look`: the look through a file. `work`: the keeping of its rows.
`undoing`: taking all of it back.
"""

from trova_app.services.file_imports.acts import (
    begin_import,
    cancel_import,
    choose_how,
    forget_old,
    has_old,
    keep_import,
    undo_import,
)
from trova_app.services.file_imports.fields import FIELDS
from trova_app.services.file_imports.shown import (
    ColumnText,
    ImportRow,
    ImportView,
    LineText,
    import_view,
    lines_of,
    recent_imports,
)

__all__ = [
    "FIELDS",
    "ColumnText",
    "ImportRow",
    "ImportView",
    "LineText",
    "begin_import",
    "cancel_import",
    "choose_how",
    "forget_old",
    "has_old",
    "import_view",
    "keep_import",
    "lines_of",
    "recent_imports",
    "undo_import",
]

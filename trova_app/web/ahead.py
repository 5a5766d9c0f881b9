"""Which files a page will want, said with the page itself.

A page with an id in its address is no file of the build: it comes as the one fallback page, which cannot know its own
scripts. Without a word from here a browser finds them two round trips late, after the fallback has started up.
"""

import json
import re
from pathlib import Path

ID = re.compile(r"/:\w+")  # as the build writes an id's place in an address


def files_ahead(pages: Path) -> list[tuple[re.Pattern[str], bytes]]:
    """For each kind of address with an id in it, the value of its `Link` header (RFC 8288; `modulepreload`, HTML).
    Empty where there is no build."""
    built = next((pages / "assets").glob("manifest-*.js"), None)
    if built is None:
        return []
    manifest = built.read_text()
    kinds = json.loads(manifest[manifest.index("{") : manifest.rindex("}") + 1])["routes"]
    known = {kinds["root"]["module"], *kinds["root"]["imports"]}
    return [
        (re.compile(ID.sub("/[^/]+", f"/{kind['path']}") + "/?"), _links([kind["module"], *kind["imports"]], known))
        for kind in kinds.values()
        if ":" in kind.get("path", "")
    ]


def _links(files: list[str], known: set[str]) -> bytes:
    return ", ".join(f"<{file}>; rel=modulepreload" for file in files if file not in known).encode()

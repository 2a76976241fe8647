"""Links of layers: where a click on a part of a PDF leads."""

import re
from collections.abc import Mapping, Sequence

from brandgen.compositor.bindings import BindingError, bind
from brandgen.compositor.display import Rect
from brandgen.compositor.layers import Layer, each_layer
from brandgen.compositor.page import Page
from brandgen.lib.findings import Verdict

LONGEST = 2000
_HTTPS = re.compile(r"https://[!-~]{1,1992}", re.ASCII)
_ANY = re.compile(r"(https?://|mailto:)[!-~]{1,2000}", re.ASCII)
ADVICE = "Begin with https:// and leave no spaces."


def is_address(text: str) -> bool:
    """Say whether a text is an address that a template may link to."""
    return bool(_HTTPS.fullmatch(text))


def is_any_address(text: str) -> bool:
    """Say whether whoever renders may link to it: also http and mailto."""
    return bool(_ANY.fullmatch(text))


def find_links(
    page: Page, layers: Sequence[Layer], boxes: Mapping[str, Rect]
) -> dict[str, str]:
    """Give where the layers that are shown lead; what is no address is a finding.

    A link that is bound to nothing leads nowhere.
    """
    links: dict[str, str] = {}
    for _, layer, _ in each_layer(layers):
        if not layer.link or layer.id not in boxes:
            continue
        try:
            address = bind(layer.link, page.values).strip()
        except BindingError as error:
            page.fail("binding", layer.id, str(error))
            continue
        if is_address(address):
            links[layer.id] = address
        elif address:
            page.report(
                "link",
                layer.id,
                Verdict.FAIL,
                address[:80],
                "an address, https://…",
                f"{address[:80]!r} is not an address to link to. {ADVICE}",
            )
    return links

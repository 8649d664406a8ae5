# SPDX-License-Identifier: Apache-2.0
"""SVG of pictures that are text of graphviz."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import Run, checked

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LEFT_OUT = re.compile(r"<!--.*?-->\n?|<title>.*?</title>\n?", re.DOTALL)
"""Comments, one of which names a version, and the names of nodes, which are numbers."""
_PAGE = re.compile(r'(?<= id=")(a_)?page\d+,\d+_')
"""What graphviz puts before the id of a picture that it draws after another one."""
_TIP = re.compile(r'<a xlink:title="([^"]*)">')


def draw(run: Run, pictures: Sequence[str]) -> list[str]:
    """Return each picture as an `svg` element for a page; what a part of it is about, any browser says of it."""
    answer = checked(run, ["dot", "-Tsvg"], "draw the plan", "".join(pictures)) if pictures else ""
    found = _SVG.findall(_LEFT_OUT.sub("", answer))
    if len(found) != len(pictures):
        raise FlowstreamError(f"cannot draw the plan: dot made {len(found)} pictures of {len(pictures)}")
    return [_PAGE.sub(r"\1", _TIP.sub(r"<g><title>\1</title>", one).replace("</a>", "</g>")) for one in found]

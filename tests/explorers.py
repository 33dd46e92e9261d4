"""What every explorer is put through: each control's every position, one control at a time."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from nlp4.pictures.explorer import Explorer


def walk(explorer: Explorer[Any], *excuses: str) -> None:
    """Each position draws a whole picture of numbers, or says in words one of `excuses`."""
    for control in explorer.controls.values():
        first = control.value
        places = getattr(control, "options", None) or range(control.min, control.max + 1)
        for value in places:
            control.value = value
            if not explorer.svg:
                assert any(excuse in explorer.caption for excuse in excuses)
                continue
            assert ET.fromstring(explorer.svg).tag.endswith("svg")
            assert "nan" not in explorer.svg and "nan" not in explorer.caption
        control.value = first

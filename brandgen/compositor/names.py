"""The small types that template documents are made of."""

from typing import Annotated, Literal

from brandgen.compositor.strict import Limit

NAME_PATTERN = r"[a-z][a-z0-9_-]{0,39}"

Name = Annotated[str, Limit(pattern=NAME_PATTERN)]
Label = Annotated[str, Limit(most=120)]
Copy = Annotated[str, Limit(most=2000)]
Fraction = Annotated[float, Limit(0, 1)]
Align = Literal["start", "center", "end"]
CenterAlign = Literal["center", "start", "end"]
PictureAlign = Literal["center", "start", "end", "focal"]

"""Where Figma's nodes lie, how they are turned, and what their outlines are."""

import math

from brandgen.compositor.display import Rect
from brandgen.compositor.importing.figma_paints import Node, mapping, nodes_in, number


def box_of_node(node: Node) -> Rect | None:
    """Give where a node lies on its page; None where it says so not."""
    box = mapping(node.get("absoluteBoundingBox"))
    if not {"x", "y", "width", "height"} <= box.keys():
        return None
    return Rect(*(number(box[key]) for key in ("x", "y", "width", "height")))


def name_of(node: Node) -> str:
    """Give what a node is called."""
    return str(node.get("name") or node.get("type") or "layer")[:120]


def paths_of(node: Node, key: str) -> list[Node]:
    """Give the paths of a node's fill or line, where the file has them."""
    found = nodes_in(node.get(key))
    return [one for one in found if isinstance(one.get("path"), str) and one["path"]]


def sides_of(box: Rect) -> tuple[float, float, float, float]:
    """Give a box as x, y, width and height."""
    return box.x, box.y, box.width, box.height


def radii_of(node: Node, box: Rect) -> tuple[float, float]:
    """Give the radius of a node's corners, that of most where they differ."""
    radius = number(node.get("cornerRadius"))
    corners = node.get("rectangleCornerRadii")
    if not radius and isinstance(corners, list) and corners:
        values = [number(one) for one in corners[:4]]
        radius = max(values, key=values.count)
    radius = max(0.0, min(radius, box.width / 2, box.height / 2))
    return radius, radius


def angle_of(node: Node) -> float:
    """Give by how many degrees a node is turned, clockwise."""
    matrix = node.get("relativeTransform")
    try:
        (a, *_), (b, *_) = matrix  # type: ignore[misc]
        return math.degrees(math.atan2(number(b), number(a)))
    except (TypeError, ValueError):
        return -math.degrees(number(node.get("rotation")))


def unturned(node: Node, box: Rect) -> Rect:
    """Give the box of a node before it is turned around its middle."""
    size = mapping(node.get("size"))
    width, height = number(size.get("x")), number(size.get("y"))
    if not (width > 0 and height >= 0) or abs(angle_of(node)) <= 0.1:
        return box
    x = box.x + (box.width - width) / 2
    return Rect(x, box.y + (box.height - height) / 2, width, height)

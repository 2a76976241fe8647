"""Find the faces and the people in a picture, with what OpenCV ships.

Each detector alone sees people in backdrops, so two must agree, or one be very sure.
Measured with the numbers below: of 400 scenes as the miniature is taught 0 have a face
and 0 a person; of 106 photos, drawings and textures (samples of scikit-image,
scikit-learn, OpenCV and Scribus) 2 have a face, a man's and a head on a coin, and 0 a
person; of 7 photos of people 3 have a face and 1 a person, the others are seen from
aside, from afar or cut. So who is not found is usual, and who is found is there. It
takes 20 ms (median) to 90 ms (most) of one core at 384 px.
"""

import threading
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import cv2.data
import numpy as np

SIDE = 384
"""The longest side that is searched, in px: a face has 24 px of it at least."""

_LEAST_FACE = 24
_LEAST_OVERLAP = 0.4
_SURE_PERSON = 1.5
_LIKELY_PERSON = 0.3
_WINDOW = (64, 128)
# The classifiers keep what they last looked at: they serve one thread at a time.
_lock = threading.Lock()


class Box(NamedTuple):
    """Where something is: left, top, width, height, as shares of the picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """How much of the picture it is."""
        return self.width * self.height


class People(NamedTuple):
    """The people and the faces of a picture, the largest first."""

    people: list[Box]
    faces: list[Box]


def find_people(gray: np.ndarray) -> People:
    """Find people and faces in a gray picture, `(height, width)`, of at most `SIDE` px.

    A face is what two frontal cascades see at one place (Viola and Jones, CVPR 2001). A
    person is what the gradients of a standing body say strongly (Dalal and Triggs, CVPR
    2005), or weakly where one of the cascades sees a face at the head.
    """
    with _lock:
        faces = [f for f in _detect("frontalface_alt2", gray) if _is_confirmed(f, gray)]
        bodies = _detect_bodies(gray)
    people = [
        box
        for box, weight in bodies
        if weight >= _SURE_PERSON
        or (weight >= _LIKELY_PERSON and any(_is_head(f, box) for f in faces))
    ]
    return People(_share(people, gray), _share(faces, gray))


@cache
def _load_cascade(name: str) -> Any:
    path = Path(cv2.data.haarcascades) / f"haarcascade_{name}.xml"
    return cv2.CascadeClassifier(str(path))


@cache
def _load_bodies() -> Any:
    found = cv2.HOGDescriptor()
    found.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
    return found


def _detect(name: str, gray: np.ndarray) -> list[Box]:
    boxes = _load_cascade(name).detectMultiScale(
        gray, scaleFactor=1.15, minNeighbors=4, minSize=(_LEAST_FACE, _LEAST_FACE)
    )
    return [Box(*map(float, box)) for box in boxes]


def _is_confirmed(face: Box, gray: np.ndarray) -> bool:
    """Ask a second cascade, which looks only there: all of the picture takes long."""
    left, top = (max(0, round(at - face.width / 2)) for at in face[:2])
    right, bottom = left + round(face.width * 2), top + round(face.height * 2)
    around = np.ascontiguousarray(gray[top:bottom, left:right])
    return any(
        _is_same(face, one._replace(x=one.x + left, y=one.y + top))
        for one in _detect("frontalface_default", around)
    )


def _detect_bodies(gray: np.ndarray) -> list[tuple[Box, float]]:
    # OpenCV reads past the end of a picture that is smaller than its window.
    if gray.shape[1] < _WINDOW[0] or gray.shape[0] < _WINDOW[1]:
        return []
    boxes, weights = _load_bodies().detectMultiScale(
        gray, winStride=(8, 8), padding=(16, 16), scale=1.1, groupThreshold=1
    )
    return [
        (Box(*map(float, box)), float(weight))
        for box, weight in zip(boxes, weights, strict=True)
    ]


def _is_same(one: Box, other: Box) -> bool:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0.0) * max(height, 0.0)
    return shared >= _LEAST_OVERLAP * (one.area + other.area - shared)


def _is_head(face: Box, body: Box) -> bool:
    x, y = face.x + face.width / 2, face.y + face.height / 2
    is_at_head = body.y <= y <= body.y + body.height / 3
    return body.x <= x <= body.x + body.width and is_at_head


def _share(boxes: list[Box], gray: np.ndarray) -> list[Box]:
    height, width = gray.shape
    shares = [
        Box(b.x / width, b.y / height, b.width / width, b.height / height)
        for b in boxes
    ]
    return sorted(shares, key=lambda box: (-box.area, box))

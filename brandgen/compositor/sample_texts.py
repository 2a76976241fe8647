"""Texts to try layouts with: of any length, in many writings, and in none.

The words are ordinary ones and mean little together: what counts is how long they are,
where lines may break, and which letters they need.
"""

import itertools
import math
from dataclasses import dataclass

from brandgen.compositor.document import TextSlot


@dataclass(frozen=True)
class Language:
    """Words to fill with, and how long a text becomes when translated from English.

    The growth is what translators count on for short texts, from
    https://www.w3.org/International/articles/article-text-size and its sources.
    """

    name: str
    words: tuple[str, ...]
    growth: float
    is_spaced: bool = True


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LANGUAGES = {
    "en": Language(
        "English",
        _words("Bright mornings begin with stoneware that keeps every breakfast warm"),
        1.0,
    ),
    "de": Language(
        "German",
        _words(
            "Frühstücksgeschirr für gemütliche Wochenenden und Neuigkeiten aus unserer "
            "Steinzeugwerkstatt"
        ),
        1.4,
    ),
    "fr": Language(
        "French",
        _words(
            "La vaisselle en grès qui réchauffe chaque matin et dure très longtemps"
        ),
        1.3,
    ),
    "es": Language(
        "Spanish",
        _words("Vajilla artesanal que conserva el calor de todas las mañanas del año"),
        1.3,
    ),
    "fi": Language(
        "Finnish",
        _words(
            "Kivitavaraa kiireettömiin aamuihin ja lämpimiin viikonloppuihin kotona"
        ),
        1.4,
    ),
    "ru": Language(
        "Russian",
        _words("Керамика для тёплого утра сохраняет уют каждого домашнего завтрака"),
        1.3,
    ),
    "el": Language(
        "Greek",
        _words("Κεραμικά που κρατούν ζεστό το πρωινό και φωτεινή κάθε μέρα στο σπίτι"),
        1.3,
    ),
    "vi": Language(
        "Vietnamese",
        _words("Gốm sứ giữ ấm mỗi buổi sáng và những bữa ăn đậm đà của gia đình"),
        1.2,
    ),
    "ar": Language(
        "Arabic",
        _words("أوان خزفية تحفظ دفء الصباح وتمنح كل فطور بداية مشرقة في البيت"),
        1.2,
    ),
    "he": Language(
        "Hebrew",
        _words("כלי קרמיקה ששומרים על חום הבוקר ומאירים כל ארוחה משפחתית בבית"),
        1.0,
    ),
    "hi": Language(
        "Hindi",
        _words("मिट्टी के बर्तन हर सुबह की गर्माहट और घर का स्वाद बनाए रखते हैं"),
        1.2,
    ),
    "th": Language(
        "Thai", ("เครื่องปั้นดินเผา", "ที่เก็บ", "ความอบอุ่น", "ยามเช้า", "ไว้เสมอ"), 1.1, False
    ),
    "zh": Language(
        "Chinese", ("温暖的清晨", "从手工陶器", "开始、", "每天都明亮"), 0.5, False
    ),
    "ja": Language(
        "Japanese",
        ("あたたかい朝は", "手作りの器から", "はじまり、", "毎日を明るく"),
        0.6,
        False,
    ),
    "ko": Language(
        "Korean",
        _words("따뜻한 아침을 지켜 주는 도자기 그릇으로 시작하는 밝은 하루"),
        0.7,
    ),
}

_ACCENTED = str.maketrans("aceginorsuyzACEGINORSUYZ", "áčéğíñóřšúýžÁČÉĞÍÑÓŘŠÚÝŽ")


def find_language(tag: str) -> Language:
    """Give the language of a locale's tag, English where it is not among ours."""
    return LANGUAGES.get(tag.partition("-")[0], LANGUAGES["en"])


def fill(language: Language, length: int) -> str:
    """Write words of a language, exactly so many characters in all."""
    glue = " " if language.is_spaced else ""
    text = ""
    for word in itertools.cycle(language.words):
        if len(text) >= length:
            break
        text += (glue if text else "") + word
    text = text[:length]
    # A space at the end would be trimmed, and the text no longer be so long.
    return text[:-1] + text[0].lower() if text.endswith(" ") else text


def translate(slot: TextSlot, language: Language) -> str:
    """Write what a slot's example might become in a language, within its limits."""
    example = example_of(slot)
    if slot.choices or is_figure(example):
        return example
    return fill(language, _within(slot, math.ceil(language.growth * len(example))))


def longest(slot: TextSlot) -> str:
    """Write the longest text that a slot takes: a choice, figures, or words."""
    if slot.choices:
        return max(slot.choices, key=len)
    example = example_of(slot)
    if is_figure(example):
        return _longest_figure(example, slot.max_chars)
    return fill(LANGUAGES["en"], slot.max_chars)


def accented(slot: TextSlot) -> str:
    """Write a slot's example in letters with marks, a third longer, in brackets.

    Such a pseudo-locale can be read, and shows what is not translated, cut, or lacks
    room above a letter.
    """
    example = example_of(slot)
    if slot.choices or is_figure(example):
        return example
    padded = example + " " + "·" * math.ceil(len(example) / 3)
    text = f"[{padded.translate(_ACCENTED)}]"
    return text[: max(0, _within(slot, len(text)) - 1)].rstrip() + "]"


def example_of(slot: TextSlot) -> str:
    """Give a slot's example, or for want of one a text of half its length."""
    if slot.example or slot.choices:
        return slot.example or slot.choices[0]
    return fill(LANGUAGES["en"], _within(slot, slot.max_chars // 2))


def is_figure(text: str) -> bool:
    """Say whether a text is rather a number than words: a price, a discount, a date."""
    digits = sum(map(str.isdigit, text))
    return digits > 0 and digits >= sum(map(str.isalpha, text))


def _longest_figure(example: str, most: int) -> str:
    """Widen an example's digits to the widest one, and put in more before the first."""
    wide = "".join("8" if letter.isdigit() else letter for letter in example)
    first = next(index for index, letter in enumerate(wide) if letter == "8")
    return wide[:first] + "8" * max(0, most - len(wide)) + wide[first:]


def _within(slot: TextSlot, length: int) -> int:
    return max(slot.min_chars, 1, min(length, slot.max_chars))

"""A text of each script, and the fonts that the tests set it in."""

from pathlib import Path
from typing import NamedTuple

from brandgen.compositor.typesetting.fonts import FONTS

FURTHER = Path(__file__).parents[1] / "fonts"
"""CJK and emoji, cut to these samples by `scripts/cut_test_fonts.py`."""


class Sample(NamedTuple):
    """A text, its language, and the fonts for what Inter lacks."""

    language: str
    text: str
    files: tuple[Path, ...] = ()

    @property
    def fonts(self) -> tuple[Path, ...]:
        """The files that a browser needs to set it as we do, in turn."""
        own = (FONTS / "InterVariable.ttf", FONTS / "NotoSans-Regular.ttf")
        return (*own, *self.files)


CJK = (FURTHER / "NotoSansCJK-Samples.otf",)
EMOJI = "🎉👩‍🌾🇳🇴❤️"
SAMPLES = {
    "latin": Sample(
        "en",
        "“Crème brûlée” at half-price (49 % off) – until Sunday or Monday, all-new "
        "state-of-the-art stoneware, e.g. mugs from $9.50 to 1,200.00.",
    ),
    "vietnamese": Sample(
        "vi",
        "Mùa xuân rực rỡ sắc màu: những chiếc cốc gốm mới nhất, giảm giá đến 49% "
        "cho tất cả khách hàng thân thiết.",
    ),
    "greek": Sample(
        "el",
        "Φτιαγμένο για φωτεινά πρωινά· κούπες που κρατούν τη ζεστασιά όλη μέρα, "  # noqa: RUF001
        "τώρα σε έξι νέα χρώματα!",
    ),
    "cyrillic": Sample(
        "ru",
        "Для самых светлых утр — кружки, которые долго держат тепло, теперь в шести "
        "новых цветах (скидка 49 %).",
    ),
    "arabic": Sample(
        "ar",
        "مجموعة الربيع 2026 وصلت الآن (Northwind Home) بخصم 50% على جميع الأكواب "
        "التي تحتفظ بدفئها طوال اليوم.",
        (FONTS / "NotoSansArabic-Regular.ttf",),
    ),
    "hebrew": Sample(
        "he",
        "מבצע אביב: 50% הנחה על כל הספלים של Northwind, ששומרים על החום כל היום, "
        'עד ה-31 במאי בחנויות נבחרות ובאתר בע"מ.',
        (FONTS / "NotoSansHebrew-Regular.ttf",),
    ),
    "devanagari": Sample(
        "hi",
        "उजली सुबहों के लिए बनाए गए प्याले, जो दिन भर गर्माहट बनाए रखते हैं। अब छह नए "
        "रंगों में उपलब्ध हैं।",
        (FONTS / "NotoSansDevanagari-Regular.ttf",),
    ),
    "thai": Sample(
        "th",
        "แก้วเซรามิกที่เก็บความร้อนได้ตลอดทั้งวัน วันนี้มีให้เลือกหกสีใหม่ "
        "ลดราคาห้าสิบเปอร์เซ็นต์สำหรับสมาชิกทุกท่าน",
        (FONTS / "NotoSansThai-Regular.ttf",),
    ),
    "chinese": Sample(
        "zh-CN",
        "为更明亮的早晨而作：全天保温的陶瓷杯，现有六种新颜色（限时五折），"  # noqa: RUF001
        "骨瓷系列将于2026年春季上市。",
        CJK,
    ),
    "japanese": Sample(
        "ja",
        "明るい朝のためのマグカップ。一日中あたたかさが続く「ストーンウェア」が、"
        "新しい六色で登場。骨まであたたまるコーヒーを、ゆっくりと。",
        CJK,
    ),
    "korean": Sample(
        "ko",
        "더 밝은 아침을 위한 머그컵, 하루 종일 따뜻함을 지켜 주는 도자기. 이제 여섯 "
        "가지 새로운 색상으로 만나 보세요(50% 할인).",
        CJK,
    ),
}

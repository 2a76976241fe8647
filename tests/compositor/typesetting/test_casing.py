import pytest

from brandgen.compositor.typesetting.casing import to_upper


@pytest.mark.parametrize(
    ("language", "text", "capitals"),
    [
        ("", "istanbul straße", "ISTANBUL STRASSE"),
        ("tr", "istanbul ışık", "İSTANBUL IŞIK"),  # noqa: RUF001
        ("az-AZ", "bir", "BİR"),
        ("el", "Καλημέρα, κόσμε", "ΚΑΛΗΜΕΡΑ, ΚΟΣΜΕ"),
        ("el-GR", "προϊόν ή μάιος", "ΠΡΟΪΟΝ Ή ΜΑΪΟΣ"),
        ("el", "ΐ café", "Ϊ CAFÉ"),
        ("nl", "ijs", "IJS"),
        ("lt", "i̇̀ žąsis", "Ì ŽĄSIS"),
        ("de", "größe", "GRÖSSE"),
    ],
)
def test_capitals_are_those_of_the_language(
    language: str, text: str, capitals: str
) -> None:
    assert to_upper(text, language) == capitals

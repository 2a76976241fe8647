"""What a creative says about itself in words."""

from brandgen.compositor import load_document
from brandgen.creatives.marking import alt_text_of
from tests.compositor.pictures import plain_document, text_layer


class TestAltTextOf:
    def test_reads_copy_without_the_stars_that_emphasize(self) -> None:
        layer = text_layer(emphasis={"color": "paper"})
        document = load_document(plain_document(layer))

        assert alt_text_of(document, {"line": "So *warm*."}, []) == "Text: So warm"

    def test_keeps_stars_that_are_read(self) -> None:
        document = load_document(plain_document(text_layer()))

        words = alt_text_of(document, {"line": "A *5 star* mug."}, [])

        assert words == "Text: A *5 star* mug"

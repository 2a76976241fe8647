"""What a creative says about itself in words."""

from brandgen.compositor import load_document
from brandgen.creatives.marking import Content, alt_text_of, content_key
from tests.compositor.pictures import plain_document, text_layer

KEY_WITHOUT_MARK = "d0b2c0af5428e69e8bdf3439e2f80bea8cfbc67d42f936bdecc423510bbdeddc"


class TestAltTextOf:
    def test_reads_copy_without_the_stars_that_emphasize(self) -> None:
        layer = text_layer(emphasis={"color": "paper"})
        document = load_document(plain_document(layer))

        assert alt_text_of(document, {"line": "So *warm*."}, []) == "Text: So warm"

    def test_reads_what_bound_texts_print_after_the_copy(self) -> None:
        document = load_document(plain_document(text_layer()))

        words = alt_text_of(document, {"line": "So warm"}, [], ("Only $20 today.",))

        assert words == "Text: So warm. Only $20 today"

    def test_keeps_stars_that_are_read(self) -> None:
        document = load_document(plain_document(text_layer()))

        words = alt_text_of(document, {"line": "A *5 star* mug."}, [])

        assert words == "Text: A *5 star* mug"


class TestContentKey:
    def key(self, **fields: object) -> str:
        content = Content("square", "", {"headline": "Hello"}, {}, {})
        facts = {"title": "Spring", "version_id": 1, "kit_id": 2, "file_type": "jpeg"}
        return content_key(content, **(facts | fields))  # type: ignore[arg-type]

    def test_is_what_it_was_before_there_were_marks(self) -> None:
        assert self.key() == self.key(watermark=None) == KEY_WITHOUT_MARK

    def test_is_what_it_was_before_there_was_print(self) -> None:
        assert self.key(further={"profile": "", "marks": ""}) == KEY_WITHOUT_MARK
        assert self.key(further={"profile": "abc"}) != KEY_WITHOUT_MARK

    def test_tells_a_marked_file_from_a_clean_one(self) -> None:
        assert self.key(watermark="NOT APPROVED") != self.key()
        assert self.key(watermark="TEST") != self.key(watermark="NOT APPROVED")

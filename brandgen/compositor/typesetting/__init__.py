"""Typesetting: text and fonts in, placed glyphs out, in sizes of the font.

`fonts` reads font files; `bidi` and `breaks` say what Unicode says of a text; `shaping`
turns runs of one font into glyphs; `paragraphs` makes lines of them; `ink` draws them.
Widths are in em, so that one shaping serves every size.
"""

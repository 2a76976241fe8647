from brandgen.compositor import document_schema
from brandgen.creatives.wording import FIELDS, LAYERS

STRUCTURE = {"Attached", "Box", "Document", "Overrides", "Pinned", "Scaled"}
STRUCTURE |= {"Stretched", "Tokens"}
PLAIN = {"children", "overrides"}


class TestFields:
    def test_have_a_word_for_all_that_a_designer_sets(self) -> None:
        kinds = document_schema()["$defs"].items()

        lacking = {
            f"{kind}.{name}"
            for kind, schema in kinds
            if kind not in STRUCTURE
            for name in schema.get("properties", {})
            if name not in FIELDS and name not in PLAIN
        }

        assert lacking == set()


class TestLayers:
    def test_have_a_word_for_every_kind(self) -> None:
        kinds = document_schema()["$defs"]["GroupLayer"]["properties"]["children"]
        names = {one["$ref"].split("/")[-1] for one in kinds["items"]["anyOf"]}
        schemas = document_schema()["$defs"]

        assert {schemas[one]["properties"]["type"]["const"] for one in names} == set(
            LAYERS
        )

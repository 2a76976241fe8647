import io

import pytest
from PIL import Image

from brandgen.lib.container_error import ContainerError
from brandgen.lib.containers import find_gif_xmp, put_gif_xmp


class TestPutGifXmp:
    def test_is_found_again_and_changes_no_frame(self) -> None:
        file = io.BytesIO()
        frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime", "blue")]
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], loop=0)
        packet = b"<x:xmpmeta>\x01\xff</x:xmpmeta>"

        marked = put_gif_xmp(file.getvalue(), packet)

        assert find_gif_xmp(file.getvalue()) is None
        assert find_gif_xmp(marked) == packet
        with Image.open(io.BytesIO(marked)) as picture:
            assert picture.n_frames == 3

    @pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n;"])
    def test_refuses_what_is_no_whole_gif(self, data: bytes) -> None:
        with pytest.raises(ContainerError, match="not a whole GIF"):
            put_gif_xmp(data, b"<x/>")

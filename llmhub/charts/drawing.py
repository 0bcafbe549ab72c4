"""Draw a chart into a file: PNG, SVG or HTML, by the file's ending."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from llmhub.charts.limits import ENDINGS
from llmhub.charts.page import page
from llmhub.charts.prices import PricePicture
from llmhub.charts.series import Picture
from llmhub.charts.theme import THEMES, Theme, ThemeName
from llmhub.errors import ExtraMissingError
from llmhub.files import require_free, written_whole
from llmhub.installation import install_line
from llmhub.memory import require_room

# Device pixels per pixel of the chart, so that it is sharp on today's screens.
_PNG_SCALE = 2.0
# V8, which draws, reserves this much address space, and aborts the process if it cannot.
_ROOM_MIB = 66_000


def require_extra() -> None:
    """Check that the drawing libraries are installed and have enough memory.

    Raises:
        LittleMemoryError: a limit leaves too little.
        ExtraMissingError: they are missing, or cannot be imported.
    """
    require_room(_ROOM_MIB, "drawing")
    try:
        for package in ("altair", "vl_convert"):
            import_module(package)
    except ImportError as error:
        raise ExtraMissingError(f"charts need the extra `charts` ({error}): {install_line('charts')}") from error


def draw(picture: Picture | PricePicture, target: Path, *, theme: ThemeName = "light", force: bool = False) -> None:
    """Draw a picture into a file, whole or not at all, without network.

    Args:
        picture: the content.
        target: the file to make, in an existing folder; its ending is one of `ENDINGS`, in any case.
        theme: the colours of PNG and SVG; HTML has both themes and follows its reader's system.
        force: replace an existing file.

    Raises:
        ExtraMissingError: see `require_extra`.
        FileInTheWayError: the file exists, and `force` was not given.
        OutputError: it cannot be written.
    """
    require_extra()
    require_free(target, force=force)
    drawn = _DRAWERS[target.suffix.lower()](picture, theme)
    with written_whole(target, force=force) as file:
        file.write_bytes(drawn)


def _spec(
    picture: Picture | PricePicture, theme: Theme, *, narrow: bool = False, hover: bool = False
) -> dict[str, Any]:
    # All import altair: see require_extra.
    from llmhub.charts.frame import NARROW, WIDE

    shape = NARROW if narrow else WIDE
    if isinstance(picture, PricePicture):
        from llmhub.charts.price_spec import chart as chart_of_prices

        return chart_of_prices(picture, theme, shape=shape, hover=hover)
    from llmhub.charts.spec import chart

    return chart(picture, theme, shape=shape, hover=hover)


def _png(picture: Picture | PricePicture, theme: ThemeName) -> bytes:
    import vl_convert  # see require_extra

    return vl_convert.vegalite_to_png(_spec(picture, THEMES[theme]), scale=_PNG_SCALE, allowed_base_urls=[])


def _svg(picture: Picture | PricePicture, theme: ThemeName) -> bytes:
    import vl_convert  # see require_extra

    return vl_convert.vegalite_to_svg(_spec(picture, THEMES[theme]), allowed_base_urls=[]).encode()


def _html(picture: Picture | PricePicture, _: ThemeName) -> bytes:
    import vl_convert  # see require_extra

    specs = {
        shape: {name: _spec(picture, colours, narrow=narrow, hover=True) for name, colours in THEMES.items()}
        for shape, narrow in (("wide", False), ("narrow", True))
    }
    key = [one.model for one in picture.series]
    # With a script of ours in the bundle, vl-convert would put it together anew for each page, in over a second.
    libraries = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its types lack the default
    return page(picture.title, specs, libraries, _svg(picture, "light").decode(), key).encode()


_Drawer = Callable[[Picture | PricePicture, ThemeName], bytes]
_DRAWERS: dict[str, _Drawer] = dict(zip(ENDINGS, (_png, _svg, _html), strict=True))

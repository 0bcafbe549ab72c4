"""What the commands that draw share: their options, what they refuse, and what they say that they drew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.charts.limits import ENDINGS, MOST_MODELS
from llmhub.cli import render
from llmhub.cli.options import Command, output_option
from llmhub.nearest import listed

if TYPE_CHECKING:
    from llmhub.charts.theme import ThemeName


def picture_option(command: Command) -> Command:
    """Give a command `-o`; its parameter is `file`."""
    kinds = f"The picture to make; its ending says which kind: {listed([*ENDINGS])}."
    return output_option("file", help=kinds)(command)


def look_options(command: Command) -> Command:
    """Give a command `--theme` and `--force`."""
    theme = click.option(
        "--theme", type=click.Choice(["light", "dark"]), help="The background of a PNG or SVG.  [default: light]"
    )
    return theme(click.option("--force", is_flag=True, help="Overwrite an existing file.")(command))


def require_picture(context: click.Context, file: Path, theme: ThemeName | None) -> None:
    """Raise click.UsageError unless a file's ending says what to draw, and the theme is one for it."""
    if file.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"cannot draw {file}: its name must end in {listed([*ENDINGS])}", context)
    if theme and file.suffix.lower() == ".html":
        raise click.UsageError("--theme is for PNG and SVG: an HTML page follows its reader's system", context)


def require_few_models(context: click.Context, models: list[str], remedy: str) -> None:
    """Raise click.UsageError if a chart has no place for so many models."""
    if len(models) > MOST_MODELS:
        raise click.UsageError(
            f"{len(models)} models are too many for one chart, which takes {MOST_MODELS}: {remedy}", context
        )


def picture_target(file: Path, *, force: bool) -> Path:
    """Return where to draw.

    Raises:
        FileInTheWayError: a file is there, and `force` was not given.
        MissingExtraError: the extra `charts` is not installed.
    """
    from llmhub import settings
    from llmhub.charts.drawing import require_extra
    from llmhub.files import require_free

    target = settings.absolute(file)
    require_free(target, force=force)
    require_extra()
    return target


def drawn_json(file: Path, models: Sequence[str], left_out: Mapping[str, str]) -> dict[str, object]:
    """Return the documented JSON of a picture, as far as all have it.

    Args:
        file: the picture.
        models: what is drawn.
        left_out: why some of what was asked for is not, by its name.
    """
    return {
        **render.file_json(file),
        "models": list(models),
        "left_out": [{"model": model, "reason": why} for model, why in left_out.items()],
    }

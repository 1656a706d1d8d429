"""The renderer: a draft and its photos become an MP4."""

from nightreel.errors import RenderError
from nightreel.studio.render.film import Means, Rendered, render

__all__ = ["Means", "RenderError", "Rendered", "render"]

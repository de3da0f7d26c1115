"""A procedure as a picture: Mermaid and DOT for other programs, SVG for people, each in Chinese or English."""

from exchange.diagram.content import Picture, Way, picture_of
from exchange.diagram.forms import FORMS, drawn, form_of, write_picture

__all__ = ["FORMS", "Picture", "Way", "drawn", "form_of", "picture_of", "write_picture"]

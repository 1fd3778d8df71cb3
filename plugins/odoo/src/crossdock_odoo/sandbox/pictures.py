"""Pictures that the server draws for people who have none: a letter on a coloured ground."""

import base64
from html import escape

from crossdock_odoo.sandbox.binaries import keep_binary
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.partners import resize

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="180"><rect width="180" height="180"'
    ' fill="#{colour}"/><text x="90" y="120" fill="#fff" font-size="96" text-anchor="middle">{letter}'
    "</text></svg>"
)


def give_picture(env: Env, model: str, key: int, name: str) -> None:
    """Keep a picture with the first letter of a name, in all sizes (measured: a file for each)."""
    colour = f"{sum(name.encode()) * 2654435761 % 0xFFFFFF:06x}"
    svg = _SVG.format(colour=colour, letter=escape(name[:1].upper()))
    content = base64.b64encode(svg.encode()).decode()
    item = env.model(model).fields.get("image_1920")
    if item is not None and item.store:
        keep_binary(env, item, key, content)
        resize(env, model, key, {"image_1920": content})

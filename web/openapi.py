"""Which description of the API is committed? `python -m web.openapi > docs/openapi.json`."""

import json
import sys

from linkshot.config import load_settings
from linkshot.wiring import open_app
from web.server import create_app


def description() -> str:
    """The OpenAPI document, as it is committed."""
    document = create_app(open_app(load_settings())).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(description())

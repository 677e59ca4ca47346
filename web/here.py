"""Which linkshot does a request belong to?"""

from typing import Annotated, cast

from fastapi import Depends, Request

from linkshot.app import App


async def app_of(request: Request) -> App:
    """The open App this server was created with."""
    return cast("App", request.app.state.linkshot)


Linkshot = Annotated[App, Depends(app_of)]

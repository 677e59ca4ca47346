"""linkshot keeps links and what was behind them. 链接快照平台。"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """`linkshot.__version__`, looked up when somebody asks: at every start it would cost 25 ms."""
        if name != "__version__":
            raise AttributeError(name)
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("linkshot")
        except PackageNotFoundError:  # running from a bare tree
            return "0+unknown"

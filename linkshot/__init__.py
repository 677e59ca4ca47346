"""linkshot keeps links and what was behind them. 链接快照平台。"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("linkshot")
except PackageNotFoundError:  # running from a bare tree
    __version__ = "0+unknown"

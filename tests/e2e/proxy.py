"""A real nginx or Caddy before a server of ours, with the configuration that the docs show."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkshot.app import App
from linkshot.system.config import load_settings
from linkshot.wiring import open_app
from tests.certificates import Plan
from tests.serving import port_of, served

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = ("operations.md", "operations.zh-CN.md")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
BINARIES = {name: shutil.which(name, path=PATH) for name in ("nginx", "caddy")}
AROUND = {
    "nginx": """daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
{server}
}}
""",
    "caddy": """{{
  admin off
  auto_https disable_redirects
  storage file_system {folder}
}}
{server}
""",
}
"""What stands round a server block so that a process of a test's own can run it."""
WORDS = {
    "nginx": ["-p", "{folder}", "-c", "{folder}/proxy.conf"],
    "caddy": ["run", "--adapter", "caddyfile", "--config", "{folder}/proxy.conf"],
}


def example(kind: str, page: str = PAGES[0]) -> str:
    """The configuration of nginx or Caddy in the documentation."""
    (found,) = re.findall(rf"```{kind}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    return str(found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def behind(kind: str, text: str, folder: Path, **settings: object) -> Iterator[tuple[App, str]]:
    """An open App whose pages the proxy shows with this configuration, and its origin."""
    listen = free_port()
    origin = f"https://localhost:{listen}"
    given = {name: str(value).format(origin=origin) for name, value in settings.items()}
    app = open_app(load_settings(data=folder / "data", **given))
    with (
        served(app) as address,
        proxied(kind, _filled(kind, text, listen, port_of(address), folder), listen, folder),
    ):
        yield app, origin
    app.close()


@contextmanager
def proxied(kind: str, server: str, listen: int, folder: Path) -> Iterator[None]:
    """The proxy as a process of its own until the block ends."""
    binary, log = BINARIES[kind], folder / "log"
    assert binary
    (folder / "proxy.conf").write_text(AROUND[kind].format(folder=folder, server=server), "utf-8")
    words = [word.format(folder=folder) for word in WORDS[kind]]
    with log.open("wb") as out:
        environment = {"HOME": str(folder), "PATH": PATH}
        process = subprocess.Popen([binary, *words], stdout=out, stderr=out, env=environment)
    try:
        _answers(process, listen, log)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(process: "subprocess.Popen[bytes]", listen: int, log: Path) -> None:
    for _ in range(400):
        assert process.poll() is None, log.read_text("utf-8")
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", listen)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def _filled(kind: str, text: str, listen: int, upstream: int, folder: Path) -> str:
    """The example with ports of this test, a name that leads here and a certificate of its own."""
    pem = Plan().files(folder / "proxy.pem", None)
    text = text.replace("127.0.0.1:8765", f"127.0.0.1:{upstream}")
    if kind == "caddy":
        return text.replace(
            "links.example.org {",
            f"https://localhost:{listen} {{\n\tbind 127.0.0.1\n\ttls {pem} {pem}",
        )
    text = re.sub(r"/etc/ssl/[^;]+", str(pem), text)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{listen} ssl")
    return text.replace("server_name links.example.org", "server_name localhost")

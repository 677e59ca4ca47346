"""The containers run what the native cluster runs, and the native cluster is tidy."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.browser.launch import find_browser
from deploy.native import cluster, elasticsearch, java, kafka, minio, ports, postgres, process
from deploy.native.places import PlaceError, Places, find_places, make_places
from deploy.native.server import ClusterError, Launch, Server, nothing_to_complete
from linkshot.processes.heartbeat import BEAT_INTERVAL_S
from linkshot.system.config import SETTINGS, load_settings
from linkshot.wiring import SCHEMES

DEPLOY = Path(__file__).parents[2] / "deploy"
SERVERS = ("kafka", "elasticsearch", "minio", "postgres")
ROLES = ("web", "dispatch", "index", "crawl")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECCOMP: dict[str, Any] = json.loads((DEPLOY / "seccomp-crawl.json").read_text())


# the containers


def test_kafka_has_the_version_heap_and_settings_of_the_native_one() -> None:
    service = SERVICES["kafka"]
    wanted = {f"KAFKA_{name.upper().replace('.', '_')}": v for name, v in kafka.SETTINGS.items()}
    assert service["image"] == f"apache/kafka:{kafka.VERSION}"
    assert service["environment"]["KAFKA_HEAP_OPTS"] == f"-Xmx{kafka.HEAP}"
    assert wanted.items() <= service["environment"].items()


def test_elasticsearch_has_the_version_heap_and_settings_of_the_native_one() -> None:
    service = SERVICES["elasticsearch"]
    assert service["image"] == f"elasticsearch:{elasticsearch.VERSION}"
    assert service["environment"]["ES_JAVA_OPTS"] == elasticsearch.java_options()
    assert elasticsearch.SETTINGS.items() <= service["environment"].items()


def test_minio_is_built_from_the_version_of_the_native_one_and_has_its_bucket() -> None:
    service = SERVICES["minio"]
    assert minio.MODULE in (DEPLOY / service["build"]["dockerfile"]).read_text()
    assert service["environment"]["MINIO_ROOT_USER"] == minio.USER
    assert f"mkdir -p /data/{minio.BUCKET}" in service["entrypoint"][2]
    assert minio.READY_PATH in service["healthcheck"]["test"][-1]


def test_postgres_has_the_version_user_and_database_of_the_native_one() -> None:
    service = SERVICES["postgres"]
    environment = service["environment"]
    assert service["image"] == f"postgres:{postgres.MAJOR}"
    assert environment["POSTGRES_USER"] == postgres.USER
    assert environment["POSTGRES_DB"] == postgres.DATABASE
    assert environment["POSTGRES_INITDB_ARGS"] == " ".join(postgres.INITDB_ARGUMENTS)
    assert service["stop_signal"] == postgres.SERVER.stop_signal.name


@pytest.mark.parametrize("server", cluster.SERVERS, ids=lambda server: server.name)
def test_each_url_has_the_shape_that_the_native_cluster_prints(server: Server) -> None:
    port = r":\d+"
    native = re.sub(port, "", re.sub(r":[^:@/]+@", "@", server.url(server.ports)))
    container = re.sub(r":\$\{.*?\}@", "@", SERVICES["dispatch"]["environment"][server.variable])
    host = re.compile(r"127\.0\.0\.1|(?<=://)\w+(?=$)|(?<=@)\w+")
    assert host.sub("HOST", re.sub(port, "", container)) == host.sub("HOST", native)


@pytest.mark.parametrize("server", cluster.SERVERS, ids=lambda server: server.name)
def test_wiring_knows_the_scheme_of_each_url(server: Server) -> None:
    part = server.variable.removeprefix("LINKSHOT_").lower()
    assert server.url(server.ports).partition("://")[0] in SCHEMES[part]


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_of_a_role_is_a_setting(role: str) -> None:
    names = {name.removeprefix("LINKSHOT_").lower() for name in SERVICES[role]["environment"]}
    assert names <= SETTINGS.keys()


@pytest.mark.parametrize("name", [*ROLES, *SERVERS])
def test_every_container_is_confined_limited_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["init"] is True
    assert {"mem_limit", "pids_limit", "healthcheck", "restart"} <= set(service)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_writes_only_to_memory_and_is_not_root(role: str) -> None:
    assert SERVICES[role]["read_only"] is True
    assert SERVICES[role]["tmpfs"]
    stages = re.split(r"^FROM ", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    stage = next(s for s in stages if f" AS {SERVICES[role]['build']['target']}\n" in s)
    assert re.findall(r"^USER (\w+)", stage, re.MULTILINE)[-1] == "10001"


def test_only_crawl_reaches_the_outside_and_it_reaches_neither_catalogue_nor_index() -> None:
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    library = {n for n, network in COMPOSE["networks"].items() if network.get("internal")}
    assert outside == {"crawl"}
    assert library == {"work", "library"}
    assert "library" not in SERVICES["crawl"]["networks"]
    for variable in ("LINKSHOT_CATALOGUE", "LINKSHOT_INDEX"):
        assert "not-for-crawl" in SERVICES["crawl"]["environment"][variable]


def test_only_web_publishes_a_port_and_by_default_on_loopback() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["web"]["ports"] == ["${LINKSHOT_PUBLISH:-127.0.0.1:8765}:8765"]


def test_no_password_has_a_default() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    used = re.findall(r"\$\{(LINKSHOT_(?:\w*PASSWORD|\w*SECRET))(:\?)?", text)
    assert {name for name, _ in used} == {
        "LINKSHOT_PASSWORD",
        "LINKSHOT_DB_PASSWORD",
        "LINKSHOT_S3_SECRET",
    }
    assert all(required for _, required in used)


@pytest.mark.parametrize("role", ROLES)
def test_networks_that_are_allowed_reach_every_role(role: str) -> None:
    given = SERVICES[role]["environment"]["LINKSHOT_ALLOW_NETWORKS"]
    assert given == "${LINKSHOT_ALLOW_NETWORKS:-}"


def test_the_profile_of_the_crawler_allows_only_what_it_names() -> None:
    actions = {rule["action"] for rule in SECCOMP["syscalls"]}
    assert (SECCOMP["defaultAction"], actions) == ("SCMP_ACT_ERRNO", {"SCMP_ACT_ALLOW"})
    allowed = [name for rule in SECCOMP["syscalls"] for name in rule["names"]]
    assert {"clone", "unshare", "chroot", "prctl", "seccomp"} <= set(allowed)
    assert not set(allowed) & {
        "mount", "umount2", "move_mount", "fsopen", "pivot_root", "bpf", "keyctl", "add_key",
        "ptrace", "process_vm_readv", "pidfd_getfd", "perf_event_open", "userfaultfd",
        "io_uring_setup", "kexec_load", "init_module", "finit_module", "open_by_handle_at",
        "name_to_handle_at", "reboot", "settimeofday", "sethostname", "swapon", "iopl", "mknod",
    }  # fmt: skip
    sockets = [rule["args"] for rule in SECCOMP["syscalls"] if rule["names"] == ["socket"]]
    families = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}
    assert {args[0]["value"] for args in sockets} == families


def chromium_below(profile: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """A page made by Chromium as a user without rights, with its own sandbox, below the profile."""
    python, browser = Path("/usr/bin/python3"), find_browser(load_settings(data=folder))
    loaded = "import seccomp" if python.exists() else "raise SystemExit(1)"
    if os.geteuid() or subprocess.run([python, "-c", loaded], check=False).returncode:
        pytest.skip("needs root, to become another user, and libseccomp's python3-seccomp")
    (folder / "profile.json").write_text(json.dumps(profile))
    page = "data:text/html,<script>document.write(6*7)</script>"
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, int(NOBODY), int(NOBODY))
        return subprocess.run(
            [
                python, "-c", CONFINED, folder / "profile.json", NOBODY,
                browser, "--disable-gpu", f"--user-data-dir={home}", "--dump-dom", page,
            ],
            check=False, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip


NOBODY = "65534"
CONFINED = """
import json, os, seccomp, sys
file, user, *command = sys.argv[1:]
profile = json.load(open(file))
allowed = seccomp.SyscallFilter(seccomp.ERRNO(profile["defaultErrnoRet"]))
for rule in profile["syscalls"]:
    args = [seccomp.Arg(one["index"], seccomp.EQ, one["value"]) for one in rule.get("args", [])]
    for name in rule["names"]:
        allowed.add_rule(seccomp.ALLOW, name, *args)
os.setgroups([]), os.setgid(int(user)), os.setuid(int(user))
allowed.load()
os.execv(command[0], command)
"""


def test_chromium_has_its_sandbox_below_the_profile(tmp_path: Path) -> None:
    shown = chromium_below(SECCOMP, tmp_path)
    assert (shown.returncode, "<body>42</body>" in shown.stdout) == (0, True), shown.stderr


def test_without_namespaces_of_its_own_chromium_does_not_start(tmp_path: Path) -> None:
    rules = [rule for rule in SECCOMP["syscalls"] if "unshare" not in rule["names"]]
    shown = chromium_below({**SECCOMP, "syscalls": rules}, tmp_path)
    assert shown.returncode
    assert "No usable sandbox" in shown.stderr


@pytest.mark.parametrize("role", ["dispatch", "index", "crawl"])
def test_the_health_of_a_role_is_its_own(role: str) -> None:
    assert SERVICES[role]["healthcheck"]["test"] == ["CMD", "linkshot", "healthcheck"]
    given = load_settings(heartbeat_file=SERVICES[role]["environment"]["LINKSHOT_HEARTBEAT_FILE"])
    every_s = int(SERVICES[role]["healthcheck"]["interval"].removesuffix("s"))
    assert BEAT_INTERVAL_S + every_s < given.heartbeat_max_s


@pytest.mark.parametrize("status", [200, 503])
def test_web_is_healthy_when_its_port_answers_whatever_it_says(status: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(status)

        def log_message(self, *_: object) -> None:
            pass

    *command, code = SERVICES["web"]["healthcheck"]["test"][1:]
    with HTTPServer((ports.LOOPBACK, 0), Answer) as server:
        code = code.replace("8765", str(server.server_port))
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answered = subprocess.run([*command, code], check=False, timeout=30)
        thread.join()
    silent = subprocess.run([*command, code], check=False, capture_output=True, timeout=30)
    assert (answered.returncode, silent.returncode) == (0, 1)


@pytest.fixture
def run_role(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the entry point of the images with a `linkshot` that does what the test says."""
    started: list[subprocess.Popen[str]] = []

    def start(linkshot: str, *words: str) -> subprocess.Popen[str]:
        (tmp_path / "linkshot").write_text(f"#!/bin/sh\n{linkshot}\n")
        (tmp_path / "linkshot").chmod(0o755)
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([DEPLOY / "run-role", *words], env=env, **pipes))  # type: ignore[call-overload]  # pipes
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def test_a_role_whose_settings_cannot_work_is_not_started_again(run_role) -> None:
    role = run_role("exit 78", "dispatch")
    assert "is not started again" in role.stderr.readline()
    assert role.poll() is None
    role.send_signal(signal.SIGTERM)
    assert role.wait(10) == -signal.SIGTERM


def test_any_other_end_of_a_role_ends_its_container(run_role) -> None:
    assert run_role("exit 75", "crawl").wait(10) == 75


def test_a_role_in_a_container_hears_the_signal_and_its_code_is_kept(run_role) -> None:
    role = run_role("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done", "index")
    assert role.stdout.readline() == "ready\n"
    role.send_signal(signal.SIGTERM)
    assert role.wait(10) == 7


def test_other_commands_in_a_container_end_as_they_do_elsewhere(run_role) -> None:
    assert run_role("exit 78", "verify").wait(10) == 78


def test_the_images_start_with_the_entry_point_that_is_tested() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert 'ENTRYPOINT ["run-role"]' in dockerfile
    assert "COPY deploy/run-role " in dockerfile
    assert "!deploy/run-role" in (DEPLOY / "Dockerfile.dockerignore").read_text()


def test_compose_itself_accepts_the_file() -> None:
    docker = shutil.which("docker")
    plugin = [docker or "docker", "compose"]
    if (
        docker is None
        or subprocess.run([*plugin, "version"], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs the docker client with its compose plugin; no engine")
    secrets = dict.fromkeys(
        ("LINKSHOT_PASSWORD", "LINKSHOT_DB_PASSWORD", "LINKSHOT_S3_SECRET"), "secret"
    )
    command = [*plugin, "-f", str(DEPLOY / "compose.yaml"), "config", "-q"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **secrets}
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_the_versions_and_ports_that_are_used(name: str) -> None:
    text = (DEPLOY / name).read_text()
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if "|" in line}
    versions = (kafka.VERSION, elasticsearch.VERSION, minio.VERSION, str(postgres.MAJOR))
    for row, version in zip(
        ("Kafka", "Elasticsearch", "MinIO", "PostgreSQL"), versions, strict=True
    ):
        assert version in rows[row]
    for server in cluster.SERVERS:
        assert all(str(port) in text for port in server.ports.values())


# the native cluster


@pytest.fixture
def places() -> Iterator[Places]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        base = Path(folder)
        yield Places(cache=base / "cache", programs=base / "programs", cluster=base / "cluster")


def server_that_runs(code: str, **changes: Any) -> Server:
    def launch(places: Places, _ports: object) -> Launch:
        return Launch(argv=(sys.executable, "-c", code), cwd=places.cluster)

    values: dict[str, Any] = {
        "name": "fake",
        "variable": "LINKSHOT_FAKE",
        "ports": {"client": 19990},
        "install": lambda _places: None,
        "launch": launch,
        "healthy": lambda _ports: True,
        "complete": nothing_to_complete,
        "url": lambda chosen: f"fake://127.0.0.1:{chosen['client']}",
        "start_timeout_s": 10,
    }
    return Server(**(values | changes))


FOREVER = "import signal; signal.pause()"


def test_up_prints_the_urls_and_down_leaves_nothing(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    server = server_that_runs(FOREVER)
    cluster.up(places, [server])
    started = process.recorded(places.pid_file("fake"))
    assert started is not None
    assert re.fullmatch(r"export LINKSHOT_FAKE=fake://127\.0\.0\.1:\d+\n", capsys.readouterr().out)
    cluster.up(places, [server])
    assert process.recorded(places.pid_file("fake")) == started
    cluster.down(places, [server], wipe=False)
    assert not process.is_alive(started)


def test_a_server_that_ends_while_starting_is_reported_with_its_last_words(places: Places) -> None:
    server = server_that_runs("raise SystemExit('no space left')", healthy=lambda _ports: False)
    with pytest.raises(ClusterError, match=r"fake ended while it was starting.*\n.*no space left"):
        cluster.up(places, [server])


def test_a_server_that_never_answers_is_stopped_again(places: Places) -> None:
    server = server_that_runs(FOREVER, healthy=lambda _ports: False, start_timeout_s=0)
    with pytest.raises(ClusterError, match="was not healthy within 0 seconds"):
        cluster.up(places, [server])
    assert process.recorded(places.pid_file("fake")) is None


def test_env_says_how_to_start_what_does_not_run(places: Places) -> None:
    with pytest.raises(ClusterError, match="fake does not run; start it with the verb `up`"):
        cluster.print_env(places, [server_that_runs(FOREVER)])


def test_stop_takes_the_children_along(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', "
        f"'import signal; signal.pause()']); open({str(ready)!r}, 'w').write(str(child.pid)); "
        "import signal; signal.pause()"
    )
    launch = Launch(argv=(sys.executable, "-c", code), cwd=tmp_path)
    parent = process.start(launch, log=tmp_path / "log", pid_file=tmp_path / "pid")
    child = int(ready.read_text())
    killed = process.stop([(parent, signal.SIGTERM)], grace_s=0.3)
    assert not process.is_alive(parent)
    assert [member.pid for member in killed] == [child]


def test_a_pid_file_of_an_earlier_process_names_nobody(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    file.write_text(f"{os.getpid()} 1\n")
    assert process.recorded(file) is None


def test_a_taken_port_is_replaced_by_the_next_free_one() -> None:
    with socket.socket() as other:
        other.bind((ports.LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        chosen = ports.choose({"a": taken, "b": taken}, taken=[])
    assert taken < chosen["a"] < chosen["b"]


def test_default_ports_do_not_overlap() -> None:
    chosen = [port for server in cluster.SERVERS for port in server.ports.values()]
    assert len(set(chosen)) == len(chosen)


def test_kafka_listens_on_loopback_only() -> None:
    text = kafka.properties(Path("/data"), {"client": 1, "controller": 2})
    listeners = re.search(r"^listeners=(.*)$", text, re.MULTILINE)
    assert listeners is not None
    assert all("://127.0.0.1:" in one for one in listeners[1].split(","))


@pytest.mark.parametrize("server", cluster.SERVERS, ids=lambda server: server.name)
def test_a_server_that_is_not_there_is_not_healthy(server: Server) -> None:
    with socket.socket() as closed:
        closed.bind((ports.LOOPBACK, 0))
        port = closed.getsockname()[1]
        if server.name == "postgres" and not postgres.DEBIAN_FOLDER.is_dir():
            pytest.skip("needs PostgreSQL's own pg_isready")
        assert not server.healthy(dict.fromkeys(server.ports, port))


def test_folders_come_from_the_environment_and_lie_outside_the_checkout() -> None:
    chosen = find_places({"LINKSHOT_CACHE": "/c", "LINKSHOT_CLUSTER": "/d"})
    assert (chosen.cache, chosen.cluster) == (Path("/c"), Path("/d"))
    for folder in vars_of(find_places({})):
        assert not folder.is_relative_to(DEPLOY.parent)


def vars_of(chosen: Places) -> list[Path]:
    return [chosen.cache, chosen.programs, chosen.cluster]


def test_a_folder_that_is_a_link_is_refused(places: Places) -> None:
    places.cluster.symlink_to("/tmp")
    with pytest.raises(PlaceError, match="is not a folder of this user"):
        make_places(places)


@pytest.mark.parametrize(
    ("release", "major"),
    [('JAVA_VERSION="25.0.1"\n', 25), ('JAVA_VERSION="1.8.0"\n', 1), ("", 0)],
    ids=["a new one", "an old one", "not a Java"],
)
def test_the_version_of_a_java_is_read_from_its_release_file(
    tmp_path: Path, release: str, major: int
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch(mode=stat.S_IRWXU)
    (tmp_path / "release").write_text(release)
    assert java.version(tmp_path) == major


def test_only_workers_have_the_key_that_opens_cookies() -> None:
    holders = {
        role: {name for name in one.get("environment", {}) if "COOKIE" in name}
        for role, one in SERVICES.items()
    }
    assert {role: names for role, names in holders.items() if names} == {
        "web": {"LINKSHOT_COOKIE_PUBLIC_KEY"},
        "crawl": {"LINKSHOT_COOKIE_KEY"},
    }

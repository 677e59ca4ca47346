"""`python -m bench [import | capture | search | real | fidelity | hostile]`: the published benchmarks; see docs/benchmarks.md."""

import argparse

from bench import machine


def main() -> None:
    """Run the benchmarks asked for, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "which", nargs="*", metavar="NAME", help="import, capture, search, real, fidelity"
    )
    parser.add_argument("--count", type=int, help="links, pages of each kind, documents or pages")
    parser.add_argument("--queries", type=int, default=200, help="of `real`")
    parser.add_argument("--seed", type=int, default=1, help="of `real`")
    wanted = parser.parse_args()
    unknown = set(wanted.which) - {"import", "capture", "search", "real", "fidelity", "hostile"}
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    print(machine.describe(), machine.browser(), machine.load(), sep="\n", flush=True)
    for name in wanted.which or ("import", "search", "capture", "real", "fidelity", "hostile"):
        _run(name, wanted)


def _run(name: str, wanted: argparse.Namespace) -> None:
    if name == "import":
        from bench import import_links

        import_links.run(wanted.count or import_links.LINKS)
    elif name == "search":
        from bench import searching

        searching.run(wanted.count or searching.DOCUMENTS)
    elif name == "capture":
        from bench import capturing

        capturing.run(wanted.count or capturing.PAGES)
    elif name == "hostile":
        from bench import hostile

        hostile.run(wanted.count or hostile.PAGES)
    elif name == "fidelity":
        from bench import fidelity

        fidelity.run()
    else:
        from bench import real

        real.run(wanted.count or real.PAGES, wanted.queries, wanted.seed)


if __name__ == "__main__":
    main()

"""The same verbs from a shell: `testkey-nb demo | providers | plan | probe | report | page | identify | sandbox`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from testkey_nb import errors
from testkey_nb.cli.output import emit, json_text, print_frame, print_tables, write_csvs, write_text
from testkey_nb.cli.providers import asked_catalogue, provider_options, show_providers
from testkey_nb.vocabulary import TABLES

if TYPE_CHECKING:
    from testkey_nb.session import Session

DONE, KEY_TROUBLE, USAGE = 0, 1, 2

_KEY = re.compile(r"(?:(?P<label>[^=@:#/]+)=)?(?P<source>.+?)(?:@(?P<base_url>https?://.*))?$", re.DOTALL)
KEY_HELP = (
    "[LABEL=]SOURCE[@BASE_URL], SOURCE being env:NAME, dotenv:PATH#NAME, keyring:SERVICE/USER or ask; "
    "never the key itself"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status (0 done, 1 trouble with a key, 2 wrong usage)."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except errors.KeyToolError as problem:
        print(f"testkey-nb: {problem}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader of a pipe went away; not our trouble
        return DONE
    except KeyboardInterrupt:
        print("testkey-nb: stopped; nothing was kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="testkey-nb",
        description="Read-only analysis of LLM API keys: whose key, what it may call, which limits, what cost.",
        epilog=f"A key is named {KEY_HELP}.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="the whole path on the sandbox, ends with an HTML report")
    demo.add_argument("--out", type=Path, default=Path("testkey-report.html"), metavar="FILE")
    demo.add_argument("--lang", default="en")
    demo.set_defaults(run=_demo)

    providers = commands.add_parser("providers", help="what the catalogue knows")
    provider_options(providers)
    _format(providers)
    providers.set_defaults(run=show_providers)

    tables = []
    for name, run, text in (
        ("plan", _plan, "what would be sent; sends nothing"),
        ("probe", _probe, "ask the providers, read-only, and show every table"),
        ("report", _report, "probe, then write one HTML file"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("keys", nargs="+", metavar="KEY", help=KEY_HELP)
        command.add_argument("--provider", metavar="ID", help="whose keys these are, where their shape does not tell")
        command.add_argument(
            "--route", action="append", default=[], metavar="HOST=URL", help="send a host's traffic elsewhere"
        )
        command.add_argument(
            "--active", action="append", default=[], choices=("free", "runtime"), help="opt-in probes; see plan"
        )
        command.add_argument("--model", action="append", default=[], metavar="ID", help="models for active probes")
        if name == "report":
            command.add_argument("--out", type=Path, required=True, metavar="FILE")
            command.add_argument("--lang", default="en")
        else:
            _format(command)
        command.set_defaults(run=run)
        tables.append(command)

    page = commands.add_parser("page", help="the provider page: can a key of this provider move on to launch?")
    page.add_argument("provider")
    page.add_argument("dimension")
    page.add_argument("--lang", default="en")
    page.add_argument("--format", choices=("text", "html", "json"), default="text")
    page.set_defaults(run=_page)

    identify = commands.add_parser("identify", help="who answers there, without a key")
    identify.add_argument("url")
    _format(identify)
    identify.set_defaults(run=_identify)

    sandbox = commands.add_parser("sandbox", help="serve the sandbox; prints routes and sample keys as JSON")
    sandbox.add_argument("--port", type=int, default=0)
    sandbox.set_defaults(run=_sandbox)
    for command in (demo, providers, *tables, page, identify):
        command.add_argument(
            "--catalogue", action="append", default=[], type=Path, metavar="FILE",
            help="a provider file or a file of rules of your own; may be given several times",
        )  # fmt: skip
    return parser


def _format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("table", "json", "csv"), default="table")
    command.add_argument("--out", type=Path, metavar="PATH", help="write there instead of to the screen")


def _session(arguments: argparse.Namespace) -> Session:
    from testkey_nb.session import Session

    routes = {}
    for route in arguments.route:
        host, separator, url = route.partition("=")
        if not separator:
            raise errors.BadBaseURL(f"--route {route!r} must be HOST=URL")
        routes[host] = url
    session = Session(routes=routes, catalogue=asked_catalogue(arguments.catalogue))
    for text in arguments.keys:
        parts = _KEY.match(text)
        if parts is None:
            raise errors.KeySourceError(f"a key is named {KEY_HELP}")
        session.add(parts["source"], label=parts["label"], base_url=parts["base_url"], provider=arguments.provider)
    return session


def _status(session: Session) -> int:
    """Gives 1 when some key is not valid, or nothing could be learnt of it; unknown validity alone is no trouble."""
    identity = session.frame("identity")
    refused = set(identity.loc[identity["key_valid"].eq(False).fillna(False), "key_id"])
    exchanges = session.frame("exchanges")
    answered = set(exchanges.loc[exchanges["status"].notna() & exchanges["authenticated"], "key_id"])
    bad = [key for key in identity["key_id"] if key in refused or key not in answered]
    return KEY_TROUBLE if bad else DONE


def _demo(arguments: argparse.Namespace) -> int:
    from testkey_nb.cli.overview import SPARE, overview
    from testkey_nb.sandbox import Sandbox
    from testkey_nb.session import Session

    with Sandbox() as sandbox:
        session = Session(routes=sandbox.routes, catalogue=asked_catalogue(arguments.catalogue))
        for row in sandbox.demo:
            session.add(row["source"] or "", label=row["label"], provider=row["provider"], base_url=row["base_url"])
        plan = session.plan()
        print(f"{len(session.labels)} made-up keys of {plan['provider'].nunique()} providers on a loopback sandbox.")
        print(f"The plan: {len(plan)} read-only requests, {int(plan['expected_tokens'].sum())} tokens.\n")
        session.probe()
        print_tables(overview(session), spare=SPARE)
        path = session.report(arguments.out, lang=arguments.lang)
        print(f"\nReport: {path.resolve()}")
        print(f"The data expires in {session.expires_in:.0f} s; the report is yours.")
        session.close()
    return DONE


def _plan(arguments: argparse.Namespace) -> int:
    session = _session(arguments)
    plan = session.plan(active=arguments.active, models=arguments.model)
    emit(plan, arguments.format, arguments.out, name="plan", title="Plan (nothing was sent)")
    return DONE


def _probe(arguments: argparse.Namespace) -> int:
    from testkey_nb.cli.overview import SPARE, overview

    session = _session(arguments)
    session.probe(active=arguments.active, models=arguments.model)
    if arguments.format == "json":
        write_text(json_text({name: session.frame(name) for name in TABLES}), arguments.out)
    elif arguments.format == "csv":
        write_csvs({name: session.frame(name) for name in TABLES}, arguments.out)
    else:
        print_tables(overview(session), spare=SPARE)
    status = _status(session)
    session.close()
    return status


def _report(arguments: argparse.Namespace) -> int:
    session = _session(arguments)
    session.probe(active=arguments.active, models=arguments.model)
    path = session.report(arguments.out, lang=arguments.lang)
    status = _status(session)
    session.close()
    print(path.resolve())
    return status


def _page(arguments: argparse.Namespace) -> int:
    from testkey_nb.api import page

    view = page(
        arguments.provider, arguments.dimension, lang=arguments.lang, catalogue=asked_catalogue(arguments.catalogue)
    )
    if arguments.format == "json":
        sys.stdout.write(json_text(view.as_dict()))
    else:
        print(view.document() if arguments.format == "html" else view.text())
    return DONE


def _identify(arguments: argparse.Namespace) -> int:
    from testkey_nb.identity import asked, explained, rows_of

    verdict = asked(arguments.url, catalogue=asked_catalogue(arguments.catalogue))
    candidates, evidence = rows_of(verdict), explained(verdict)
    if arguments.format == "json":
        write_text(json_text({"candidates": candidates, "evidence": evidence}), arguments.out)
        return DONE
    if arguments.format == "table":
        print_frame(candidates[["provider", "verdict", "confidence_db"]], title=f"Who answers at {arguments.url}")
        print(f"\n{verdict.reason}.\n")
        print_frame(evidence[["role", "provider", "db", "counted", "text", "asked"]], title="The evidence, in decibans")
        return DONE
    emit(candidates, arguments.format, arguments.out, name="candidates", title="")
    return DONE


def _sandbox(arguments: argparse.Namespace) -> int:
    from testkey_nb.sandbox import Sandbox, serve

    def ready(running: Sandbox) -> None:
        sys.stdout.write(json_text({"routes": running.routes, "keys": running.samples}))
        sys.stdout.flush()

    serve(arguments.port, ready=ready)
    return DONE

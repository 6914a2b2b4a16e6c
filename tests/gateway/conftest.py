"""Real third-party gateways, started once for all tests that ask for one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import any_llm_gateway
import litellm_proxy
import mlflow_gateway
import pytest
from gateways import Gateway, Hold
from http_calls import serving
from http_calls import upstream as completing
from servers import NotStartedError, Server
from venvs import NotBuiltError, interpreter

import testkey_nb as tk


def _unavailable(reason: str) -> None:
    if os.environ.get("CI_REQUIRE_GATEWAYS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server | Exception]]:
    """Every server, all starting at once; where one cannot be had, why."""
    home = tmp_path_factory.mktemp("gateways")

    def python(name: str, pins: Sequence[str]) -> Path | Exception:
        try:
            return interpreter(name, pins=pins)
        except (NotBuiltError, OSError) as trouble:
            return trouble

    with ThreadPoolExecutor(3) as pool:
        one = pool.submit(python, "litellm", litellm_proxy.PINS)
        other = pool.submit(python, "any-llm", any_llm_gateway.PINS)
        third = pool.submit(python, "mlflow", mlflow_gateway.PINS)
        proxy, gateway, tracking = one.result(), other.result(), third.result()
    with ExitStack() as stack:
        behind = stack.enter_context(serving(completing))
        servers: dict[str, Server | Exception] = {}
        if isinstance(gateway, Path):
            servers["any-llm"] = any_llm_gateway.any_llm(gateway, home / "any-llm", upstream=behind.origin)
        else:
            servers["any-llm"] = gateway
        servers["mlflow"] = mlflow_gateway.mlflow(tracking, home / "mlflow") if isinstance(tracking, Path) else tracking
        if isinstance(proxy, Path):
            inner = servers["any-llm"]
            nested = any_llm_gateway.as_upstream(inner.origin) if isinstance(inner, Server) else None
            servers["litellm"] = litellm_proxy.litellm(proxy, home / "keys", keys=True, nested=nested)
            servers["master-only"] = litellm_proxy.litellm(proxy, home / "master-only", keys=False)
            servers["bare"] = litellm_proxy.litellm(proxy, home / "bare", keys=False, prisma=False)
        else:
            servers |= dict.fromkeys(("litellm", "master-only", "bare"), proxy)
        for server in servers.values():
            if isinstance(server, Server):
                stack.callback(server.stop)
        yield servers


def _ready(started: Mapping[str, Server | Exception], name: str) -> Server:
    server = started[name]
    if isinstance(server, Exception):
        _unavailable(f"{name} cannot be had: {server}")
    assert isinstance(server, Server)
    try:
        return server.wait()
    except NotStartedError as trouble:
        _unavailable(str(trouble))
        raise


@pytest.fixture(scope="session")
def litellm(started: Mapping[str, Server | Exception]) -> Gateway:
    """A LiteLLM proxy that knows several keys; it has no database."""
    return Gateway(_ready(started, "litellm"), litellm_proxy.KEYS)


@pytest.fixture(scope="session", params=["master-only", "bare"])
def master_only(request: pytest.FixtureRequest, started: Mapping[str, Server | Exception]) -> Gateway:
    """A LiteLLM proxy without a database, as its images run and as `pip install litellm[proxy]` leaves it."""
    return Gateway(_ready(started, request.param), litellm_proxy.KEYS)


@pytest.fixture(scope="session")
def bare(started: Mapping[str, Server | Exception]) -> Gateway:
    """The one that `pip install litellm[proxy]` leaves."""
    return Gateway(_ready(started, "bare"), litellm_proxy.KEYS)


@pytest.fixture(scope="session")
def any_llm(started: Mapping[str, Server | Exception]) -> Gateway:
    server = _ready(started, "any-llm")
    return Gateway(server, any_llm_gateway.make_keys(server.origin))


@pytest.fixture(scope="session")
def mlflow(started: Mapping[str, Server | Exception]) -> Gateway:
    """An MLflow server with one endpoint, behind which the LiteLLM proxy stands where there is one."""
    server, inner = _ready(started, "mlflow"), started["litellm"]
    upstream = inner.origin if isinstance(inner, Server) else "http://127.0.0.1:9"
    mlflow_gateway.make_endpoints(server.origin, {"chat": (f"{upstream}/v1", litellm_proxy.KEYS["full"])})
    return Gateway(server, mlflow_gateway.KEYS)


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def hold(environment: pytest.MonkeyPatch) -> Iterator[Hold]:
    """Makes a session that holds some keys of a gateway, each read from the environment and pinned to its origin."""
    with ExitStack() as stack:

        def hold(gateway: Gateway, *names: str, origin: str | None = None, provider: str | None = None) -> tk.Session:
            session = stack.enter_context(tk.Session(ttl=3600))
            for name in names:
                environment.setenv(f"GATEWAY_{name.upper()}", gateway.keys[name])
                session.add(
                    f"env:GATEWAY_{name.upper()}", label=name, base_url=(origin or gateway.origin) + "/v1",
                    provider=provider,
                )  # fmt: skip
            return session

        yield hold


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed test shows the end of the logs of the servers that it used."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Gateway):
                report.sections.append((f"log of {name}", value.server.tail()))
    return report

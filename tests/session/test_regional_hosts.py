"""A key at an official regional host is as sure as at the main one; at a look-alike it is not."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import data_dir, load

# host, base path, label of a key that is good at the main host
REGIONAL = [
    ("us.api.openai.com", "/v1", "openai-project"),
    ("eu.api.openai.com", "/v1", "openai-project"),
    ("ae.api.openai.com", "/v1", "openai-project"),
    ("eu.openrouter.ai", "/api/v1", "openrouter-capped"),
    ("us.openrouter.ai", "/api/v1", "openrouter-capped"),
    ("us.api.x.ai", "/v1", "xai-full"),
    ("eu-west-1.api.x.ai", "/v1", "xai-full"),
]


@pytest.fixture(scope="module")
def at():
    """The row of the table `identity` and the hosts asked of a key that is asked at this host."""
    with tk.sandbox(only=("openai", "openrouter", "xai")) as sandbox:
        keys = {row["label"]: row for row in sandbox.keys}

        def asked_at(host: str, path: str, label: str):
            provider = load().provider(keys[label]["provider"])
            main = urlsplit(provider.regions[provider.default_region].hosts["inference"]).netloc
            with tk.Session(routes={host: sandbox.routes[main]}) as session:
                session.add(**(keys[label] | {"base_url": f"https://{host}{path}"}))
                session.probe(progress=False)
                return session.identity.iloc[0], set(session.exchanges.host)

        yield asked_at


@pytest.mark.parametrize(("host", "path", "label"), REGIONAL)
def test_a_good_key_at_an_official_regional_host_is_confirmed(at, host: str, path: str, label: str) -> None:
    identity, asked = at(host, path, label)
    assert (identity.verdict, identity.key_valid) == ("confirmed", True)
    assert asked == {host}


@pytest.mark.parametrize(
    ("host", "path", "label"),
    [
        ("us.api.openai.com.evil.net", "/v1", "openai-project"),
        ("eu-openrouter.ai", "/api/v1", "openrouter-capped"),
        ("us.api.x.ai.example", "/v1", "xai-full"),
    ],
)
def test_a_good_key_at_a_look_alike_is_conflicting(at, host: str, path: str, label: str) -> None:
    assert at(host, path, label)[0].verdict == "conflicting"


TOLD = """
[[errors]]
id = "another-host"
code = ["incorrect_hostname"]
condition = "access-forbidden"
key_valid = true
cause = "the key is bound to a region"
cause_code = "wrong-host"
move = "Ask at us.api.openai.com."
move_code = "change-host"
source = "https://github.com/earendil-works/pi/issues/956"

"""


def test_an_answer_that_names_the_right_host_is_what_the_checks_go_by(tmp_path: Path) -> None:
    own = (data_dir() / "providers" / "openai.toml").read_text(encoding="utf-8")
    file = tmp_path / "openai.toml"
    file.write_text(own.replace("[[errors]]", f"{TOLD}[[errors]]", 1), encoding="utf-8")
    body = {
        "error": {
            "message": "Attempted to access resource with incorrect regional hostname. "
            "Please make your request to us.api.openai.com",
            "type": "invalid_request_error",
            "code": "incorrect_hostname",
            "param": None,
        }
    }
    with tk.Session(catalogue=load(extra=[file], replace=["openai"])) as session:
        key = "sk-proj-" + "EXAMPLEregion-" * 5 + "T3BlbkFJ" + "EXAMPLEregion-" * 5
        session.add(tk.Key(key), label="mine", provider="openai")
        session.observe("mine", status=401, body=body, headers={}, path="/v1/models")
        checks = session.checks.set_index("check")
        assert session.identity.key_valid[0]
        assert list(checks.state[["region", "base URL"]]) == ["contradicts", "contradicts"]
        assert "us.api.openai.com" in checks.reason["region"]
        assert session.actions.action[0] == "change base URL"


def elsewhere() -> list[tuple[str, str]]:
    """Provider and one region of it besides the default, whose hosts stand fast and have the default's roles."""
    found = []
    for provider in load().providers.values():
        main = provider.regions.get(provider.default_region or "")
        others = [region for region in provider.regions.values() if main is not None and region is not main]
        fast = [region.name for region in others if region.addresses().keys() == main.hosts.keys()]
        found += [(provider.id, name) for name in fast[:1]]
    return found


@pytest.fixture(scope="module")
def verdicts():
    """Verdicts of one good key for each of these providers, asked at the hosts of the other region."""
    places = dict(elsewhere())
    with tk.sandbox(only=tuple(places)) as sandbox:
        rows = {}
        routes = {}
        states = {sample["label"]: sample["state"] for sample in sandbox.samples}
        for row in sandbox.keys:
            if states[row["label"]] == "good":
                rows.setdefault(row["provider"], row)
        for name, region in places.items():
            provider = load().provider(name)
            for role, address in provider.regions[region].hosts.items():
                main = urlsplit(provider.regions[provider.default_region].hosts[role]).netloc
                routes[urlsplit(address).netloc] = sandbox.routes.get(main, "")
        with tk.Session(routes={host: route for host, route in routes.items() if route}) as session:
            for name, row in rows.items():
                base = load().provider(name).regions[places[name]].hosts["inference"]
                session.add(**(row | {"base_url": base}))
            session.probe(progress=False)
            yield session.identity.set_index("provider").verdict


@pytest.mark.parametrize(("provider", "region"), elsewhere())
def test_a_good_key_in_another_region_is_its_providers(verdicts, provider: str, region: str) -> None:
    assert verdicts.get(provider) in {"confirmed", "likely"}, region

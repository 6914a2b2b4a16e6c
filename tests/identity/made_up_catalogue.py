"""A small catalogue of made-up providers, so that no test depends on a real provider's file."""

from __future__ import annotations

from datetime import date

from testkey_nb.catalogue import Catalogue, data_dir, load
from testkey_nb.catalogue.model import Auth, KeyPattern, KeySpec, Probe, Product, Provider, Region, Request
from testkey_nb.keys import Key

ALPHA_KEY = "alpha-EXAMPLEEXAMPLE0001"
SHARED_KEY = "sk-EXAMPLEEXAMPLE0001"
ODD_KEY = "odd:EXAMPLEEXAMPLE0001"


def provider(
    name: str,
    *,
    hosts: dict[str, dict[str, str]] | None = None,
    patterns: tuple[KeyPattern, ...] = (),
    default: str | None = None,
    route: str = "global",
    base_path: str = "/v1",
    auths: dict[str, Auth] | None = None,
) -> Provider:
    """A provider with one probe; `hosts` by region, then by role."""
    request = Request("models", "inference", "GET", "/v1/models")
    return Provider(
        id=name,
        name=name.title(),
        route=route,  # type: ignore[arg-type]
        kind="inference-cloud",
        docs="https://docs.example.com",
        checked=date(2026, 11, 23),
        confidence="documented",
        key=KeySpec(patterns, auths or {"default": Auth("Authorization", "Bearer")}),
        regions={region: Region(region, roles) for region, roles in (hosts or {}).items()},
        default_region=default,
        file=f"{name}.toml",
        base_path=base_path,
        probes=(Probe("current_key", "current_key", "?", (), (request,)),),
    )


ALPHA = provider(
    "alpha",
    hosts={"default": {"inference": "https://api.alpha.example", "management": "https://admin.alpha.example"}},
    default="default",
    patterns=(KeyPattern(r"alpha-[A-Za-z0-9]{18}", exclusive=True, key_kind="project", auth="second"),),
    auths={"default": Auth("Authorization", "Bearer"), "second": Auth("x-api-key")},
)
BETA = provider(
    "beta",
    hosts={"default": {"inference": "https://api.beta.example"}},
    default="default",
    patterns=(KeyPattern(r"sk-[A-Za-z0-9]{18}", exclusive=False, key_kind="personal"),),
)
GAMMA = provider(
    "gamma",
    hosts={
        "cn": {"inference": "https://api.gamma-cn.example"},
        "intl": {"inference": "https://api.gamma-intl.example"},
    },
    patterns=(KeyPattern(r"sk-[A-Za-z0-9]{18}", exclusive=False, key_kind="personal"),),
)
RELAY = provider("relay", route="self-hosted")
TENANT = provider(
    "tenant", hosts={"default": {"inference": "https://{resource}.tenant.example/models"}}, default="default"
)


def catalogue(*providers: Provider) -> Catalogue:
    """A catalogue of these providers (all made-up ones by default); the real ones are recognised only."""
    chosen = providers or (ALPHA, BETA, GAMMA, RELAY, TENANT)
    real = load()
    recognised = {**real.products, **{each.id: _recognised(each) for each in real.providers.values()}}
    return Catalogue({one.id: one for one in chosen}, {}, (), (), data_dir(), products=recognised)


def _recognised(real: Provider) -> Product:
    return Product(
        real.id, real.name, real.file, real.aliases, real.hosted, real.outranks, real.signatures, real.mentions
    )


def key(text: str) -> Key:
    return Key(text, source="made up")

"""The official hosts of provider files: names for a left-open part, and what such an address stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from testkey_nb.catalogue import load
from testkey_nb.catalogue.catalogue import read_catalogue
from testkey_nb.catalogue.model_hosts import Region, may_meet, parts_of
from testkey_nb.catalogue.parse import parse_provider
from testkey_nb.catalogue.paths import data_dir
from testkey_nb.errors import ProviderFileError
from testkey_nb.preflight.base_url import parse_base_url
from testkey_nb.preflight.hosts import addresses, official, owners_of

FILE = """
id = "acme"
name = "Acme"
route = "global"
kind = "lab"
docs = "https://docs.acme.example"
checked = 2026-11-23

[key]
auth = {{ header = "Authorization", scheme = "Bearer" }}

{hosts}
"""
BY_NAME = """
[regions.in-region]
names = ["eu", "us"]
source = "https://docs.acme.example/regions"
hosts = { inference = "https://{region}.acme.example", admin = "https://admin-{region}.acme.example" }
"""


@pytest.fixture
def parsed(tmp_path):
    """The provider of a file with these hosts."""

    def parse(hosts: str):
        path = tmp_path / "acme.toml"
        path.write_text(FILE.format(hosts=hosts), encoding="utf-8")
        return parse_provider(path, metrics=frozenset())

    return parse


def test_each_name_is_a_region_of_its_own(parsed) -> None:
    assert {name: region.hosts["admin"] for name, region in parsed(BY_NAME).regions.items()} == {
        "eu": "https://admin-eu.acme.example",
        "us": "https://admin-us.acme.example",
    }


def test_a_region_keeps_the_source_of_its_hosts(parsed) -> None:
    assert parsed(BY_NAME).regions["eu"].source == "https://docs.acme.example/regions"


def test_plain_hosts_are_the_region_that_is_asked_where_nothing_tells_another(parsed) -> None:
    provider = parsed('[hosts]\ninference = "https://api.acme.example"\n' + BY_NAME)
    assert (provider.default_region, list(provider.regions)) == ("default", ["default", "eu", "us"])


@pytest.mark.parametrize(
    ("hosts", "problem"),
    [
        (BY_NAME.replace('"eu", "us"', '"eu.evil.example/", "us"'), "no part of a host name"),
        (BY_NAME.replace('"eu", "us"', '"eu", "eu"'), "there twice"),
        ('[hosts]\ninference = "https://api.{name}.example"', "leaves open whose domain"),
        ('[hosts]\ninference = "https://{name}"', "leaves open whose domain"),
        ('[hosts]\ninference = "https://{name}.example"', "leaves open whose domain"),
        ('[hosts]\ninference = "https://api.acme.{name}"', "leaves open whose domain"),
        ('[regions.a]\nnames = ["eu"]\nhosts = { inference = "https://api.acme.example" }', "stands for no"),
    ],
)
def test_an_address_that_could_be_anybodys_is_wrong(parsed, hosts: str, problem: str) -> None:
    with pytest.raises(ProviderFileError, match=problem):
        parsed(hosts)


def test_a_name_that_one_host_shows_is_the_same_in_the_hosts_of_other_roles() -> None:
    region = Region("any", {"inference": "https://{region}.acme.example", "admin": "https://a-{region}.acme.example"})
    assert region.addresses("https://a-eu.acme.example") == {
        "inference": "https://eu.acme.example",
        "admin": "https://a-eu.acme.example",
    }


def test_a_role_of_which_a_part_stays_open_has_no_address() -> None:
    region = Region("any", {"inference": "https://{region}.acme.example", "admin": "https://{team}.acme.example"})
    assert set(region.addresses("https://eu.acme.example")) == {"inference", "admin"}
    assert set(region.addresses()) == set()


@pytest.mark.parametrize("name", ["eu.evil", "eu/", "", "-eu", "eu-", "eu--west", "EU", "eu:443", "eu@evil"])
def test_a_left_open_part_is_one_part_of_a_host_name(name: str) -> None:
    assert parts_of("https://{region}.acme.example", f"https://{name}.acme.example") is None


def test_one_name_for_a_part_that_is_open_twice() -> None:
    twice = "https://{region}.acme-{region}.acme.example"
    assert parts_of(twice, "https://eu.acme-eu.acme.example") == {"region": "eu"}
    assert parts_of(twice, "https://eu.acme-us.acme.example") is None


def test_two_addresses_meet_where_one_host_stands_for_both() -> None:
    assert may_meet("https://{region}.acme.example", "https://eu.acme.example")
    assert may_meet("https://{region}.acme.example", "https://{team}.acme.example")
    assert not may_meet("https://{region}.acme.example", "https://acme.example")


@pytest.mark.parametrize("host", ["us.api.openai.com", "new-resource.openai.azure.com", "{any}.openai.azure.com"])
def test_a_newcomer_has_no_host_that_another_file_leaves_open_or_names(tmp_path: Path, host: str) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(FILE.format(hosts=f'[hosts]\ninference = "https://{host}"'), encoding="utf-8")
    assert "acme" not in read_catalogue(data_dir(), extra=[path]).providers


SHIPPED = [
    (provider.id, region.name, role, address.replace("{", "a").replace("}", "1").replace("_", "-"))
    for provider in load().providers.values()
    for region in provider.regions.values()
    for role, address in region.hosts.items()
]


@pytest.mark.parametrize(("name", "region", "role", "address"), SHIPPED)
def test_every_official_host_has_one_owner(name: str, region: str, role: str, address: str) -> None:
    base = parse_base_url(address)
    assert [owner.id for owner in official(base, catalogue=load())] == [name]
    assert base.origin in {
        parse_base_url(one).origin for one in addresses(load().provider(name), region, base).values()
    }


@pytest.mark.parametrize(("name", "region", "role", "address"), SHIPPED)
def test_a_look_alike_of_an_official_host_has_no_owner(name: str, region: str, role: str, address: str) -> None:
    host = parse_base_url(address).host
    first, rest = host.split(".", 1)
    alike = [f"{host}.evil.net", f"evil-{rest}", f"{first}.evil-{rest}", f"{host}-evil.net", f"{first}-{rest}.evil.org"]
    for each in alike:
        owners = [owner.id for owner in owners_of(each, catalogue=load())]
        # a name right under the owner's own domain is the owner's, whatever it begins with
        own_domain = each.endswith("." + ".".join(rest.split(".")[-2:]))
        assert owners == [] or (owners == [name] and own_domain), each


@pytest.mark.parametrize(
    "host",
    [
        "evil-openai.com", "api.openai.com.evil.com", "us.api.openai.com.evil.net", "us-api.openai.com.evil.net",
        "evil.us.api.openai.com", "usapi.openai.com", "us.api.openai.co", "eu.openrouter.ai.example.com",
        "eu-openrouter.ai", "fr.openrouter.ai", "us.api.x.ai.example", "aiplatform.us.rep.googleapis.com.example",
        "aiplatform.us.evil.googleapis.com.example", "bedrock-runtime.eu-west-9.amazonaws.com.example.com",
        "bedrock-runtime.evil.com.amazonaws.example", "x.openai.azure.com.example.org", "openai.azure.com",
    ],
)  # fmt: skip
def test_a_look_alike_is_nobodys(host: str) -> None:
    assert owners_of(host, catalogue=load()) == ()


@pytest.mark.parametrize(
    ("host", "owner", "region"),
    [
        ("us.api.openai.com", "openai", "us"),
        ("ae.api.openai.com", "openai", "ae"),
        ("gb.api.openai.com", "openai", "gb"),
        ("eu.openrouter.ai", "openrouter", "eu"),
        ("us.openrouter.ai", "openrouter", "us"),
        ("us.api.x.ai", "xai", "us"),
        ("eu-west-1.api.x.ai", "xai", "eu-west-1"),
        ("aiplatform.googleapis.com", "google-vertex", "global"),
        ("aiplatform.eu.rep.googleapis.com", "google-vertex", "eu"),
        ("europe-west4-aiplatform.googleapis.com", "google-vertex", "regional"),
        ("api.kimi.ai", "moonshot", "code-international"),
        ("api.moonshot.cn", "moonshot", "china"),
        ("api.eu.deepgram.com", "deepgram", "eu"),
        ("api.au.deepgram.com", "deepgram", "au"),
        ("aws-external-anthropic.us-west-2.api.aws", "anthropic", "aws"),
        ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "aws-bedrock", "fips"),
        ("bedrock-runtime.ca-central-1.amazonaws.com", "aws-bedrock", "other"),
        ("bedrock-mantle.eu-north-1.api.aws", "aws-bedrock", "other-mantle"),
        ("bedrock.us-gov-west-1.amazonaws.com", "aws-bedrock", "us-gov-west-1"),
        ("mine.openai.azure.us", "azure-openai", "openai-gov"),
        ("mine.openai.azure.cn", "azure-openai", "openai-china"),
        ("mine.services.ai.azure.com", "azure-openai", "foundry"),
        ("api.us.mistral.ai", "mistral", "us"),
        ("api.in.residency.elevenlabs.io", "elevenlabs", "in"),
        ("llm-gateway.eu.assemblyai.com", "assemblyai", "eu"),
        ("api.tokenfactory.us-central1.nebius.com", "nebius", "us-central1"),
        ("abc123.us-east-1.aws.endpoints.huggingface.cloud", "huggingface", "dedicated"),
        ("ap-south-1.aws.wxai.ibm.com", "ibm-watsonx", "ap-south-1"),
        ("ca-tor.ml.cloud.ibm.com", "ibm-watsonx", "ca-tor"),
        ("adb-1.2.databricks.azure.us", "databricks", "azure-gov"),
        ("acme.cn-northwest-1.snowflakecomputing.cn", "snowflake-cortex", "china"),
        ("api.302ai.cn", "302ai", "china"),
        ("eu.api.helicone.ai", "helicone", "eu"),
        ("ws1.eu-central-1.maas.aliyuncs.com", "dashscope", "workspace"),
    ],
)
def test_a_documented_host_is_its_providers_in_the_region_it_names(host: str, owner: str, region: str) -> None:
    found = official(parse_base_url(f"https://{host}"), catalogue=load())
    assert [(one.id, getattr(one.region_of(host), "name", None)) for one in found] == [(owner, region)]

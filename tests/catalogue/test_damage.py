"""Every kind of damage to a provider file is named with file, line and field, and hurts no other provider."""

import shutil
from pathlib import Path

import pytest

from testkey_nb.catalogue import data_dir, load, read_catalogue

ACME = (Path(__file__).parent / "acme.toml").read_text()
REQUEST = "probes[0].requests[1]"
ROW = f"{REQUEST}.extract"

# what stands there, what the damage makes of it, the field that is named, and a word of what is said
DAMAGE = [
    # of the wrong type
    ('env = ["ACME_API_KEY"]', "env = 5", "env", "a list"),
    ('env = ["ACME_API_KEY"]', "env = [5]", "env[0]", "a text"),
    ('name = "Acme AI"', "name = 7", "name", "a text"),
    ("checked = 2026-11-23", 'checked = "2026-11-23"', "checked", "a date"),
    ("checked = 2026-11-23", "checked = 2026-11-23T10:00:00", "checked", "a date"),
    ('auth = { header = "Authorization", scheme = "Bearer" }', 'auth = ["Authorization"]', "key.auth", "a table"),
    ("patterns = [\n", "patterns = [ 5,\n", "key.patterns[0]", "a table"),
    ("exclusive = true, key_kind", 'exclusive = "yes", key_kind', "key.patterns[0].exclusive", "true or false"),
    ("tokens = [10, 1]", 'tokens = ["10", 1]', "probes[1].requests[0].tokens", "input tokens"),
    ("tokens = [10, 1]", "tokens = 10", "probes[1].requests[0].tokens", "input tokens"),
    ("key_valid = false", "key_valid = 1", "errors[0].key_valid", "true or false"),
    ("fields = { key_kind", "fields = [] #", f"{ROW}[3].fields", "a table"),
    ("map = { min = ", "map = { min = [1], m = ", f"{ROW}[0].fields.window.map.min", "a text"),
    ('name = "Acme AI"', 'name = "Acme AI"\nports = ["abc"]', "ports", "unknown field"),
    # missing, empty, unknown
    ('name = "Acme AI"', 'name = " "', "name", "empty"),
    ('docs = "https://docs.acme.example/api"\n', "", "docs", "missing"),
    ('rows = "data[]"\n', "", "probes[0].requests[0].extract[0].rows", "missing"),
    ("proves =", "prooves =", "probes[0].requests[0].prooves", "did you mean 'proves'"),
    ('covered_models = ["acme-large"]', 'covered_models = [""]', "covered_models[0]", "empty"),
    ('aliases = ["acme-ai"]', 'aliases = ["acme-ai", "acme-ai"]', "aliases[1]", "twice"),
    ('env = ["ACME_API_KEY"]', 'env = ["acme key"]', "env[0]", "environment variable"),
    # words outside the vocabulary
    ('kind = "lab"', 'kind = "labb"', "kind", "lab"),
    ('key_kind = "project"', 'key_kind = "team"', "key.patterns[0].key_kind", "none of"),
    ('kind = "requests"', 'kind = "calls"', "limit_headers[0].kind", "none of"),
    ('window = "minute"', 'window = "moment"', "limit_headers[0].window", "PT5M"),
    ('scope = "organization"', 'scope = "everyone"', "limit_headers[0].scope", "project:"),
    ('unit = "requests"', 'unit = "calls"', "limit_headers[0].unit", "none of"),
    ("kind = \"'requests'\"", "kind = \"'calls'\"", f"{ROW}[0].fields.kind", "'calls' is none of"),
    ('min = "minute"', 'min = "moment"', f"{ROW}[0].fields.window.map.min", "none of"),
    ("['project:', id]", "['team:', id]", f"{ROW}[0].fields.scope", "none of"),
    ("kind = \"'available'\"", "kind = \"'spare'\"", f"{ROW}[1].fields.kind", "none of"),
    ("kind = \"'tokens'\"", "kind = \"'words'\"", f"{ROW}[2].fields.kind", "none of"),
    ('team = "project"', 'team = "crew"', f"{ROW}[3].fields.key_kind.map.team", "none of"),
    ("|| 'listed'", "|| 'there'", "probes[0].requests[0].extract[0].fields.state", "none of"),
    ('group = "hdr"', 'group = "hat"', "signatures[0].group", "none of"),
    ('layer = "front"', 'layer = "behind"', "signatures[0].layer", "none of"),
    ('layer = "front"', 'layer = "transport"', "signatures[0].db", "weighs 0"),
    ('condition = "invalid-api-key"', 'condition = "bad-key"', "errors[0].condition", "none of"),
    ('cause_code = "key-unknown"', 'cause_code = "dunno"', "errors[0].cause_code", "none of"),
    ('move_code = "replace-key"', 'move_code = "change-key"', "errors[0].move_code", "none of"),
    ('fact = "prices"', 'fact = "price"', "not_exposed[0].fact", "prices"),
    ('time = "epoch"', 'time = "unix"', "probes[0].requests[0].extract[0].fields.created.time", "none of"),
    # expressions
    ("status == `401`", "stauts == `401`", "errors[0].when", "did you mean 'status'"),
    ("status == `200`", "stat == `200`", "limit_headers[0].when", "document"),
    ('ok = "body.data != null"', 'ok = "data != null"', f"{REQUEST}.ok", "reads 'data'"),
    ("key_kind == 'project' &&", "kind == 'project' &&", f"{REQUEST}.when", "did you mean 'key_kind'"),
    ("facts.token_type", "facts.token_kind", f"{REQUEST}.when", "token_type"),
    ('where = "ready"', 'where = "_bdy.ready"', "probes[0].requests[0].extract[0].where", "'_body'"),
    ("kind = \"'available'\"", 'kind = "available"', f"{ROW}[1].fields.kind", "inner quotes"),
    ("currency = \"'USD'\"", 'currency = "USD"', f"{ROW}[1].fields.currency", "inner quotes"),
    ("unit = \"'tokens'\"", 'unit = "tokens"', f"{ROW}[2].fields.unit", "inner quotes"),
    ('rows = "data.days[]"', 'rows = "data.days[["', f"{ROW}[2].rows", "JMESPath"),
    ('rows = "data.days[]"', 'rows = "frob(data)"', f"{ROW}[2].rows", "frob"),
    ("status == `401`", "matches(error, '(')", "errors[0].when", "regular expression"),
    ("'^acme-[a-z]{8}$'", "'^acme-[a-z{8}$'", "key.patterns[0].regex", "regular expression"),
    ("'^acme-[a-z]{8}$'", "'^.*$'", "key.patterns[0].regex", "shape of no key"),
    ("'^acme-[a-z]{8}$'", "'^[a-z0-9]{20,}$'", "key.patterns[0].regex", "not exclusive"),
    # headers
    ('limit = "x-acme-calls-max"', 'limit = "X-Acme-Calls-Max"', "limit_headers[0].limit", "lower-case"),
    ('limit = "x-acme-calls-max"', 'limit = "x-session"', "limit_headers[0].limit", "never kept"),
    ('\\"x-acme-calls-max', '\\"X-Acme-Calls-Max', "signatures[0].when", "lower-case"),
    ('header = "Authorization"', 'header = "Host"', "key.auth.header", "never travels"),
    ('header = "Authorization"', 'header = "Content-Length"', "key.auth.header", "never travels"),
    ('header = "x-acme-key"', 'header = "Cookie"', "key.auths.admin.header", "never travels"),
    ('header = "x-acme-key"', 'header = "x acme"', "key.auths.admin.header", "name of a header"),
    ("acme-version =", "x-forwarded-host =", "key.auths.admin.headers.x-forwarded-host", "never set"),
    # addresses
    ("https://eu.acme.example", "http://eu.acme.example", "regions.eu.hosts.inference", "https"),
    ("https://eu.acme.example", "https://[eu", "regions.eu.hosts.inference", "https"),
    ("https://eu.acme.example", "https://me@eu.acme.example", "regions.eu.hosts.inference", "https"),
    ("https://eu.acme.example", "https://eu.acme.example:99999", "regions.eu.hosts.inference", "https"),
    ("/v1/models?limit=100", "/api/user/token", "probes[0].requests[0].get", "deny list"),
    ("/v1/models?limit=100", "/v1/models?api_key=x", "probes[0].requests[0].get", "deny list"),
    ("/v1/models?limit=100", "/v1/../models", "probes[0].requests[0].get", "no plain path"),
    ("/v1/models?limit=100", "//other.example/models", "probes[0].requests[0].get", "no plain path"),
    ('"https://docs.acme.example/usage"', '"todo"', f"{REQUEST}.source", "no URL"),
    ('docs = "https://docs.acme.example/api"', 'docs = "see the site"', "docs", "no URL"),
    # what does not exist
    ('region = "eu"', 'region = "mars"', "key.patterns[1].region", "no region"),
    ('auth = "admin"', 'auth = "adnim"', "key.patterns[1].auth", "not declared"),
    ('id = "usage"', 'id = "usage"\nhost = "billing"', f"{REQUEST}.host", "none of inference"),
    ('request = "models"', 'request = "modles"', f"{REQUEST}.for_each.request", "no earlier request"),
    ("{now-7d:date}", "{now-7d:day}", f"{REQUEST}.get", "unknown placeholder"),
    ("models/{model}/usage", "models/{name}/usage", f"{REQUEST}.get", "{model}"),
    ('currency = "USD"', 'currency = "USD"\ndefault_region = "asia"', "default_region", "none of eu, us"),
    ('metrics = ["key_valid"]', 'metrics = ["key_vald"]', "probes[0].metrics", "metrics.toml"),
    # there twice
    ('id = "runtime"', 'id = "current_key"', "probes[1].id", "twice"),
    ('id = "usage"', 'id = "models"', f"{REQUEST}.id", "twice"),
    ("[[not_exposed]]", '[[errors]]\nid = "bad-key"\nwhen = "html"\ncondition = "unknown"\n'
     'source = "https://a.example"\n[[not_exposed]]', "errors[1].id", "twice"),
    # numbers and dates
    ("db = 20", "db = 400", "signatures[0].db", "from -60 to 60"),
    ("db = 20", "db = nan", "signatures[0].db", "a number"),
    ('scale = "0.01"', 'scale = "Infinity"', f"{ROW}[1].fields.amount.scale", "decimal"),
    ('scale = "0.01"', 'scale = "0"', f"{ROW}[1].fields.amount.scale", "decimal"),
    ('scale = "0.01"', "scale = 0.01", f"{ROW}[1].fields.amount.scale", "a text"),
    ("limit = 5 }", "limit = -5 }", f"{REQUEST}.for_each.limit", "from 1 to 1000"),
    ("size = 100", "size = 0.5", "probes[0].requests[0].pages.size", "whole number"),
    ("tokens = [10, 1]", "tokens = [10, -1]", "probes[1].requests[0].tokens", "from 0"),
    ("checked = 2026-11-23", "checked = 2999-01-01", "checked", "still to come"),
    # what belongs to another provider
    ('env = ["ACME_API_KEY"]', 'env = ["MISTRAL_API_KEY"]', "env[0]", "mistral.toml"),
    ('aliases = ["acme-ai"]', 'aliases = ["Mistral"]', "aliases[0]", "mistral.toml"),
    ("https://eu.acme.example", "https://api.mistral.ai", "regions.eu.hosts.inference", "mistral.toml"),
    ("'^acme-[a-z]{8}$'", "'^gsk_[A-Za-z0-9]{20,}$'", "key.patterns[0].regex", "groq.toml"),
    ("'^acme-[a-z]{8}$'", "'^gsk_.{12,60}$'", "key.patterns[0].regex", "groq.toml"),
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A folder of data with two of the shipped providers, so that a hundred kinds of damage are read in seconds."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "providers").mkdir()
    for name in ("metrics.toml", "capabilities.toml", "providers/mistral.toml", "providers/groq.toml"):
        shutil.copy(data_dir() / name, folder / name)
    return folder


@pytest.fixture
def read(root, tmp_path):
    def read_acme(text: str):
        file = tmp_path / "acme.toml"
        file.write_text(text)
        return read_catalogue(root, extra=[file])

    return read_acme


def test_the_undamaged_file_is_taken(read):
    catalogue = read(ACME)
    assert catalogue.problems == ()
    assert "acme" in catalogue.providers


@pytest.mark.parametrize(("old", "new", "field", "words"), DAMAGE, ids=[f"{row[2]} {row[1]}"[:70] for row in DAMAGE])
def test_damage_is_named_with_file_line_and_field(read, old, new, field, words):
    assert old in ACME
    catalogue = read(ACME.replace(old, new, 1))
    named = [problem for problem in catalogue.problems if problem.field == field]
    assert named, catalogue.problems
    assert words in str(named[0])
    for problem in catalogue.problems:
        assert (problem.file, type(problem.line)) == ("acme.toml", int)


@pytest.mark.parametrize("row", DAMAGE, ids=[f"{row[2]} {row[1]}"[:70] for row in DAMAGE])
def test_damage_leaves_out_this_provider_and_changes_no_other(read, root, row):
    damaged = read(ACME.replace(row[0], row[1], 1)).providers
    assert damaged == read_catalogue(root).providers


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "id", "id = ", "[[id]]", "[key", 'id = "acme"\nkey = 5', "probes = [1, [], {}]", "errors = [[[]]]",
     'id = "acme"\n' + "[" * 3000, "x = " + "[" * 3000, "key = { patterns = { regex = 1 } }"],
    ids=range(12),
)  # fmt: skip
def test_a_file_that_is_hardly_one_is_named_and_changes_no_other(read, root, text):
    catalogue = read(text)
    assert {problem.file for problem in catalogue.problems} == {"acme.toml"}
    assert catalogue.providers == read_catalogue(root).providers


def test_a_file_that_is_no_text_is_named(tmp_path):
    file = tmp_path / "acme.toml"
    file.write_bytes(b"\xff\xfe")
    (problem,) = load([file]).problems
    assert "cannot be read" in str(problem)


def test_all_wrong_values_of_a_file_are_named_at_once(read):
    text = ACME.replace('kind = "lab"', 'kind = "labb"').replace("db = 20", "db = 400").replace("status", "stauts")
    fields = [problem.field for problem in read(text).problems]
    assert fields == ["kind", "limit_headers[0].when", "errors[0].when", "signatures[0].db"]


def test_a_pattern_is_named_by_its_own_line(read):
    (problem,) = read(ACME.replace("acmeadm-[a-z]{8}", "acmeadm-[a-z{8}")).problems
    assert ACME.splitlines()[problem.line - 1].startswith("  { regex = '^acmeadm")


def test_no_shipped_file_is_refused():
    assert read_catalogue(data_dir()).problems == ()
    assert len(load().providers) == len(list((data_dir() / "providers").glob("*.toml")))

"""What a session does with keys, labels, plans, and the read-only promise, on the loopback sandbox."""

import asyncio
import json
import threading

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import load
from testkey_nb.vocabulary import TABLES

TEXT = "sk-EXAMPLEEXAMPLEEXAMPLE"
OPENAI = "sk-proj-" + "EXAMPLEmadeup-" * 5 + "T3BlbkFJ" + "EXAMPLEmadeup-" * 5


@pytest.fixture
def held(monkeypatch):
    """Add a made-up key to a session under a variable's name."""

    def add(session, text, name="MADE_UP_KEY", **options):
        monkeypatch.setenv(name, text)
        return session.add(f"env:{name}", **options)

    return add


# -- keys and labels ----------------------------------------------------------------------------------------------


def test_add_returns_the_session(held):
    session = tk.Session()
    assert held(session, TEXT) is session


def test_a_key_without_a_label_is_called_after_its_variable(held):
    session = held(tk.Session(), TEXT, "ACME_STAGING_API_KEY")
    assert session.labels == ["acme_staging"]


def test_two_keys_never_share_a_label(held):
    session = held(tk.Session(), TEXT, label="prod")
    with pytest.raises(tk.errors.KeySourceError, match="'prod' is taken"):
        held(session, TEXT + "OTHER", label="prod")


def test_a_label_that_is_made_up_gives_way(held):
    session = held(tk.Session(), TEXT)
    held(session, TEXT + "OTHER")
    assert session.labels == ["made_up", "made_up-2"]


def test_one_key_added_twice_stands_once_under_the_newer_word(held):
    session = held(tk.Session(), TEXT, label="old", provider="deepseek")
    held(session, TEXT, label="new", provider="groq")
    assert session.labels == ["new"]
    assert set(session.plan()["provider"]) == {"groq"}


def test_an_added_key_stands_in_keys_before_anything_is_sent(held):
    session = held(tk.Session(), TEXT, label="prod", provider="deepseek")
    assert session.frame("keys")[["label", "source"]].values.tolist() == [["prod", "env:MADE_UP_KEY"]]


def test_a_known_variable_names_the_provider(held):
    session = held(tk.Session(), TEXT, "DEEPSEEK_API_KEY")
    assert set(session.plan()["provider"]) == {"deepseek"}


def test_an_alias_is_taken_as_the_providers_id(held):
    alias, wanted = next((one.aliases[0], one.id) for one in load().providers.values() if one.aliases)
    session = held(tk.Session(), TEXT, provider=alias, base_url="http://127.0.0.1:9")
    assert set(session.plan()["provider"]) == {wanted}


def test_add_env_takes_every_known_variable(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    monkeypatch.setenv("DEEPSEEK_API_KEY", TEXT)
    assert sorted(tk.Session().add_env().labels) == ["deepseek", "openai"]


def test_add_env_without_any_says_where_the_names_stand():
    with pytest.raises(tk.errors.KeySourceError, match="providers"):
        tk.Session().add_env()


def test_a_key_object_is_taken_too():
    session = tk.Session().add(tk.Key(OPENAI), label="mine")
    assert session.plan()["provider"].unique().tolist() == ["openai"]


def test_a_key_object_without_a_label_gets_one():
    assert len(tk.Session().add(tk.Key(OPENAI)).labels) == 1


# -- plan and refusals --------------------------------------------------------------------------------------------


def test_a_plan_sends_nothing(open_session):
    session, sandbox = open_session("baseten", "openai", probe=False)
    plan = session.plan(active=["free", "runtime"])
    assert len(plan) > 0
    assert sandbox.requests == []


def test_a_plan_without_active_probes_costs_no_token(open_session):
    session, _ = open_session("openai", probe=False)
    assert session.plan()["expected_tokens"].sum() == 0
    assert set(session.plan()["method"]) <= {"GET", "HEAD", "OPTIONS"}


def test_a_plan_of_no_keys_is_empty_with_its_columns():
    assert list(tk.Session().plan().columns[:3]) == ["label", "provider", "probe"]


@pytest.fixture(scope="module")
def undeclared():
    session = tk.Session().add(tk.Key("sk-" + "EXAMPLE1" * 6), label="whose")
    return session.probe(progress=False)


def test_an_undeclared_key_of_a_shared_shape_is_not_sent(undeclared):
    session = undeclared
    assert session.exchanges.empty
    assert session.identity["verdict"].tolist() == ["insufficient"]


def test_an_undeclared_key_of_a_shared_shape_names_its_candidates(undeclared):
    session = undeclared
    said = session.sql("SELECT candidates FROM verdicts")
    assert len(json.loads(said["candidates"][0])) > 1


def test_the_next_action_of_an_undeclared_key_is_to_declare_it(undeclared):
    session = undeclared
    first = session.actions.sort_values("rank").iloc[0]
    assert "provider" in (first["action"] + first["reason"]).lower()


def test_a_claim_that_the_shape_contradicts_is_not_sent(open_session, held):
    session, sandbox = open_session("anthropic", "openai", labels=[], probe=False)
    held(session, OPENAI, label="wrongly", provider="anthropic")
    session.probe(progress=False)
    assert sandbox.requests == []
    assert session.identity[["verdict", "claimed_provider"]].values.tolist() == [["conflicting", "anthropic"]]


def test_a_pinned_origin_that_contradicts_is_asked_and_told(open_session, held):
    session, sandbox = open_session("litellm", labels=[], probe=False)
    held(session, OPENAI, label="here", base_url=sandbox.address("litellm"))
    session.probe(progress=False)
    assert sandbox.received_keys > 0
    assert session.identity["provider"].tolist() == ["litellm"]
    assert session.identity["verdict"].tolist() == ["conflicting"]


def test_a_key_of_a_region_needs_its_region(held):
    bound = next(one for one in load().providers.values() if len(one.regions) > 1 and one.default_region is None)
    with pytest.raises(tk.errors.RegionNeeded) as needed:
        held(tk.Session(), TEXT, provider=bound.id)
    for region in bound.regions.values():
        assert region.name in str(needed.value)
        assert next(iter(region.hosts.values())) in str(needed.value)


# -- the read-only promise, as the servers see it -----------------------------------------------------------------


@pytest.fixture(scope="module")
def seen(open_shared):
    """(session, what arrived) of a run over services that list in public, page, chain and refuse."""
    session, sandbox = open_shared("openai", "groq", "baseten", "openrouter", "deepinfra")
    return session, sandbox.requests


def test_only_reading_methods_arrive(seen):
    assert {one.method for one in seen[1]} <= {"GET", "HEAD", "OPTIONS"}


def test_no_key_arrives_at_another_providers_server(seen):
    assert {
        (one.key_provider, one.provider) for one in seen[1] if one.key_provider not in (None, one.provider)
    } == set()


def test_every_path_that_arrives_is_declared(seen):
    from testkey_nb.wire.permit import Declared
    from testkey_nb.wire.templates import match

    for one in seen[1]:
        provider = load().provider(one.provider)
        paths = [request.path.partition("?")[0] for probe in provider.read_only_probes for request in probe.requests]
        hosts = {host.partition("://")[2].partition("/")[2] for host in provider.hosts}
        tails = [f"/{prefix}{path}" if prefix else path for path in paths for prefix in {"", *hosts}]
        assert any(match(Declared(tail), one.path.partition("?")[0], None) is not None for tail in tails), one.path


def test_what_arrives_is_what_the_tables_say(seen):
    session, arrived = seen
    answered = session.sql("FROM exchanges WHERE status IS NOT NULL")
    assert len(answered) == len(arrived)
    assert int(answered["authenticated"].sum()) == sum(one.key is not None for one in arrived)


def test_the_plan_names_every_question_that_arrives(seen):
    session, _ = seen
    planned = set(session.plan()["request"])
    asked = set(session.sql("SELECT DISTINCT request FROM exchanges")["request"])
    assert asked <= planned


def test_a_control_carries_no_key(seen):
    session, arrived = seen
    controls = session.plan().query("note.str.startswith('control')")
    assert len(controls)
    for provider, path in set(zip(controls["provider"], controls["path"], strict=True)):
        bare = path.partition("?")[0]
        at = [one for one in arrived if one.provider == provider and one.path.partition("?")[0].endswith(bare)]
        assert any(one.key is None for one in at), (provider, path)


def test_a_key_that_was_refused_is_not_shown_again(seen):
    _, arrived = seen
    shown = [one for one in arrived if one.key == "openai-wrong"]
    assert [one.status for one in shown] == [401]


# -- many at once -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_service(open_shared):
    return open_shared("groq", labels={"groq-developer", "groq-narrow"}, probe=False)


def test_a_probe_works_inside_a_running_event_loop(one_service):
    session, sandbox = one_service
    before = len(sandbox.requests)

    async def notebook():
        session.probe(progress=False)

    asyncio.run(notebook())
    assert len(sandbox.requests) > before


def test_a_probe_can_be_awaited(one_service):
    session, sandbox = one_service
    before = len(sandbox.requests)
    assert asyncio.run(session.aprobe(progress=False)) is session
    assert len(sandbox.requests) > before


def test_only_the_labels_named_are_asked(one_service):
    session, sandbox = one_service
    before = len(sandbox.requests)
    session.probe(progress=False, labels="groq-developer")
    assert {one.key for one in sandbox.requests[before:]} == {"groq-developer"}


def test_progress_is_told_to_a_callable(one_service):
    heard = []
    one_service[0].probe(labels=["groq-developer"], progress=lambda *told: heard.append(told))
    assert heard == [(1, 1, "groq-developer: models")]


def test_a_progress_bar_leaves_stdout_alone(one_service, capsys):
    one_service[0].probe()
    assert capsys.readouterr().out == ""


def test_two_sessions_know_nothing_of_each_other(held):
    one, other = held(tk.Session(), TEXT, label="mine", provider="deepseek"), tk.Session()
    assert other.labels == []
    assert other.plan().empty
    assert one.labels == ["mine"]


def test_one_key_has_another_fingerprint_in_each_session(held):
    one, other = (held(tk.Session(), TEXT, label="mine", provider="deepseek") for _ in range(2))
    assert one._keys.find("mine").key_id != other._keys.find("mine").key_id


def test_threads_may_add_at_once(monkeypatch):
    session = tk.Session()
    for number in range(20):
        monkeypatch.setenv(f"MADE_UP_{number}", f"{TEXT}{number:02d}")
    threads = [threading.Thread(target=session.add, args=(f"env:MADE_UP_{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(session.labels) == 20


# -- reading ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty():
    return tk.Session()


def test_an_unknown_table_names_the_tables_there_are(empty):
    with pytest.raises(tk.errors.UnknownTable, match="limits"):
        empty.frame("limitz")


def test_an_unknown_attribute_is_named(empty):
    with pytest.raises(AttributeError, match="permisions"):
        _ = empty.permisions


def test_the_tables_complete_in_a_notebook(empty):
    assert set(TABLES) <= set(dir(empty))


def test_an_unknown_label_names_the_labels_held(held):
    session = held(tk.Session(), TEXT, label="prod", provider="deepseek")
    with pytest.raises(tk.errors.UnknownLabel, match="prod"):
        session.observe("staging", status=200)


def test_probing_an_unknown_label_names_the_labels_held(held):
    session = held(tk.Session(), TEXT, label="prod", provider="deepseek")
    with pytest.raises(tk.errors.UnknownLabel, match="prod"):
        session.probe(labels=["staging"], progress=False)


def test_an_unknown_matrix_names_the_choices(empty):
    with pytest.raises(tk.errors.UnknownName, match="limits"):
        empty.matrix("limitz")


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM keys", "DROP VIEW limits", "CREATE TABLE t AS SELECT 1", "COPY limits TO 'x.csv'",
        "FROM read_csv('/etc/hostname')", "ATTACH 'x.db'", "SET memory_limit = '9GB'", "SELECT 1; SELECT 2", "SELEC",
    ],
)  # fmt: skip
def test_sql_only_reads(empty, query):
    with pytest.raises(tk.errors.BadQuery):
        empty.sql(query)


def test_an_empty_session_reads_as_empty_tables(empty):
    assert empty.limits.empty


def test_a_report_to_where_nothing_can_be_written_says_so(undeclared, tmp_path):
    with pytest.raises(tk.errors.KeyToolError, match="cannot write"):
        undeclared.report(tmp_path / "no" / "such" / "folder" / "report.html")


def test_a_program_error_in_the_store_is_not_reported_as_a_missing_table(monkeypatch):
    def broken(*_, **__):
        return None.nothing

    monkeypatch.setattr("testkey_nb.session.loading.open_store", broken)
    for read in (lambda: tk.Session().limits, lambda: tk.Session().frame("limits")):
        with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'nothing'"):
            read()


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_property_that_says_what_a_row_is(name):
    table = getattr(tk.Session, name)
    assert isinstance(table, property)
    assert "One row per" in table.__doc__

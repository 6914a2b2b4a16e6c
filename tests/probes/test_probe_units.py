"""Pages, placeholders, conditions, coverage and validity, each on its own."""

import asyncio
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from testkey_nb.answers import Diagnosis, reader
from testkey_nb.catalogue import load
from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.model import Extract, FieldSpec, ForEach, Pages, Request
from testkey_nb.keys import Key
from testkey_nb.preflight import Options, target
from testkey_nb.preflight.plan import active_models, depends_on_answers, plan_rows, times, wanted
from testkey_nb.probes import Rows
from testkey_nb.probes.coverage import _state, key_validity
from testkey_nb.probes.key_run import KeyRun
from testkey_nb.probes.paging import next_page, paged
from testkey_nb.probes.rows import excerpt
from testkey_nb.wire import Answer

NOW = datetime.fromisoformat("2026-11-23T08:30:00")
OPENAI = "sk-proj-" + "EXAMPLEunits-" * 6 + "T3BlbkFJ" + "EXAMPLEunits-" * 6


def doc(body=None, **headers):
    return {"body": body, "headers": headers}


def held(text=OPENAI, provider="openai", base_url=None):
    key = Key(text)
    key.bind(b"EXAMPLE salt of thirty-two bytes")
    return target(key, label="mine", source="given", provider=provider, base_url=base_url, catalogue=load())


# -- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["cursor", "token"])
def test_a_cursor_gives_the_next_page(style):
    pages = Pages(style, query="after", next=compiled("next"))
    assert next_page(pages, doc({"next": "c2"}), 0, rows=5) == {"after": "c2"}


@pytest.mark.parametrize("body", [{}, {"next": None}, {"next": ""}, [], None, "text"])
def test_no_cursor_is_the_last_page(body):
    assert next_page(Pages("cursor", query="after", next=compiled("next")), doc(body), 0, rows=5) is None


def test_a_list_that_says_it_has_no_more_is_the_last_page():
    pages = Pages("cursor", query="after", next=compiled("last_id"), more=compiled("has_more"))
    assert next_page(pages, doc({"last_id": "c2", "has_more": False}), 0, rows=5) is None


def test_an_offset_grows_by_full_pages():
    assert next_page(Pages("offset", query="skip", size=50), doc([]), 1, rows=50) == {"skip": "100"}


def test_a_short_page_is_the_last_one():
    assert next_page(Pages("offset", query="skip", size=50), doc([]), 1, rows=49) is None


def test_a_page_number_counts_on():
    assert next_page(Pages("page", query="page", size=10, first=1), doc([]), 0, rows=10) == {"page": "2"}


def test_a_link_header_gives_its_paging_names_only():
    link = '<https://evil.example/other?cursor=c2&admin=1>; rel="next", <https://x/?cursor=c0>; rel="prev"'
    assert next_page(Pages("link", query="cursor"), doc(link=link), 0, rows=5) == {"cursor": "c2"}


def test_a_link_header_without_a_next_is_the_last_page():
    assert next_page(Pages("link", query="cursor"), doc(link='<https://x/?cursor=c0>; rel="prev"'), 0, rows=5) is None


def test_paging_values_replace_those_of_the_path():
    assert paged("/v1/x?limit=100&after=a", {"after": "b c"}) == "/v1/x?limit=100&after=b+c"


def test_a_first_page_is_the_declared_path():
    assert paged("/v1/x?limit=100", {}) == "/v1/x?limit=100"


# -- placeholders and conditions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("now", "2026-11-23T08:30:00Z"),
        ("now-7d", "2026-11-16T08:30:00Z"),
        ("now-7d:date", "2026-11-16"),
        ("now+1h:iso", "2026-11-23T09:30:00Z"),
        ("now:epoch", "1795422600"),
        ("now-30m:epoch", "1795420800"),
        ("now:month", "2026-11"),
    ],
)
def test_a_time_placeholder_is_filled(place, text):
    assert times(f"/v1/costs?start={{{place}}}", NOW) == {place: text}


def test_a_path_without_times_has_none():
    assert times("/v1/models/{model}", NOW) == {}


def request(**options):
    return Request("one", "inference", "GET", "/v1/one", **options)


def test_a_request_without_a_condition_is_wanted():
    assert wanted(request(), held(), {})


def test_a_condition_on_the_kind_of_key_is_read_from_its_shape():
    assert not wanted(request(when=compiled("key_kind == 'admin'")), held(), {})


def test_a_condition_on_facts_holds_once_they_are_read():
    one = request(when=compiled("facts.token_type == 'management'"))
    assert not wanted(one, held(), {})
    assert wanted(one, held(), {"token_type": "management"})


def test_a_condition_on_facts_may_come_to_hold():
    assert depends_on_answers(request(when=compiled("facts.token_type == 'management'")), held())


def test_a_condition_on_a_kind_that_the_shape_tells_may_not():
    assert not depends_on_answers(request(when=compiled("key_kind == 'admin'")), held())


def test_a_plan_shows_what_later_answers_may_call_for():
    rows = list(plan_rows(held("sk-or-v1-" + "facade01" * 8, "openrouter"), Options()))
    assert any(row["note"].startswith("only if earlier answers tell so") for row in rows)


def test_active_probes_ask_a_covered_model_first():
    assert active_models(Options(), ("b",), ["a", "b"]) == ["b"]
    assert active_models(Options(), ("z",), ["a", "b"]) == ["a"]
    assert active_models(Options(), (), []) == []


# -- outcomes ---------------------------------------------------------------------------------------------------------


def judged(answer, **asked):
    reading = reader(catalogue=load(), **asked)(answer)
    return reading.diagnosis, reading.outcome


def answered(status=200, body=None, **options):
    return Answer(
        method="GET", host="host.example", path="/v1/x", status=status, body=body, authenticated=True, **options
    )


def test_what_cannot_be_read_proves_nothing():
    diagnosis, word = judged(answered(body='{"data": [', headers={"content-type": "application/json"}))
    assert (word, diagnosis.condition, diagnosis.key_valid) == ("malformed", "unknown", None)


def test_what_lacks_the_promised_shape_is_malformed():
    diagnosis, word = judged(answered(body={"code": 1}), request=request(ok=compiled("body.data != null")))
    assert (word, diagnosis.condition) == ("malformed", "unknown")


def test_what_was_not_sent_says_why():
    diagnosis, _ = judged(Answer(method="GET", host="h", path="/", failure="not_sent", problem="no budget"))
    assert diagnosis.cause == "Nothing was sent: no budget."


@pytest.mark.parametrize(
    ("body", "worth"),
    [
        ({"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, False),
        ({"error": {"message": "Rate limit reached, slow down", "code": "rate_limit_exceeded"}}, True),
    ],
)
def test_only_a_429_that_may_pass_is_tried_again(body, worth):
    assert reader(catalogue=load())(answered(429, body)).is_worth_retrying is worth


def test_an_excerpt_of_a_redirect_is_where_it_leads():
    assert excerpt(answered(307, "<html>", problem="redirects to https://x; not followed")).startswith("redirects")


# -- validity and coverage --------------------------------------------------------------------------------------------


def asked(outcome="ok", *, valid=None, key_check=True, public=False, facts=None, name="x1-01-01", auth=True):
    return SimpleNamespace(
        exchange_id=name, outcome=outcome, authenticated=auth, public=public, facts=facts or {},
        request=SimpleNamespace(id="one", key_check=key_check), probe=SimpleNamespace(active=None),
        diagnosis=Diagnosis(None, valid, None, (), "a cause", "", "rule"), document={"status": 200},
    )  # fmt: skip


def test_an_accepted_key_is_valid():
    assert key_validity([asked()])[0] is True


def test_a_yes_outranks_a_no():
    assert key_validity([asked("refused", valid=False), asked(name="x1-01-02")])[:2] == (True, "x1-01-02")


def test_a_blocked_key_is_not_valid_though_it_reads_that():
    assert key_validity([asked(facts={"is_active": False})])[0] is False


def test_a_key_known_but_without_money_is_valid():
    assert key_validity([asked("no_balance", valid=True)])[0] is True


def test_a_refusal_where_validity_is_not_checked_tells_nothing():
    assert key_validity([asked("refused", valid=False, key_check=False)])[0] is None


def test_a_public_answer_leaves_the_key_untested():
    valid, _, why = key_validity([asked(public=True)])
    assert valid is None
    assert "untested" in why


def test_a_key_that_was_not_sent_is_untested():
    assert key_validity([asked(auth=False)]) == (None, None, "the key was not sent")


@pytest.mark.parametrize(
    ("answers", "feeding", "gone", "state"),
    [
        ([asked()], {"one"}, set(), "expected"),
        ([asked("refused"), asked()], {"one"}, set(), "expected"),
        ([asked("refused")], {"one"}, {"balance"}, "invisible"),
        ([asked("absent")], {"one"}, set(), "invisible"),
        ([asked("failed")], {"one"}, set(), "unknown"),
        ([], set(), {"balance"}, "not_exposed"),
        ([], {"one"}, set(), "unknown"),
        ([], set(), set(), "unknown"),
    ],
)
def test_a_metrics_coverage_follows_its_requests(answers, feeding, gone, state):
    assert _state(answers, feeding, gone)[0] == state


# -- runs -------------------------------------------------------------------------------------------------------------


class Recorder:
    """A wire that notes what would leave, and answers from a list."""

    def __init__(self, *answers):
        self.sent, self.answers = [], list(answers)

    async def send(self, outgoing):
        self.sent.append(outgoing.url)
        return [self.answers.pop(0)]


async def run(wire, *requests):
    one = held()
    provider = one.provider
    probe = replace(provider.read_only_probes[0], requests=requests)
    one = replace(one, decision=replace(one.decision, provider=replace(provider, probes=(probe,))))
    running = KeyRun(one, load(), wire, Options(), {}, Rows(one.key_id, "x1-01"), lambda _: None)
    await running.run()
    return running


LISTED = Request(
    "list", "inference", "GET", "/v1/projects",
    extracts=(Extract("models", compiled("data"), {"model_id": FieldSpec(compiled("id"))}),),
)  # fmt: skip
EACH = Request(
    "each", "inference", "GET", "/v1/projects/{project}/limits",
    for_each=ForEach("list", compiled("data[].id"), "project"),
)  # fmt: skip
LAST = Request("last", "inference", "GET", "/v1/last")


@pytest.mark.parametrize("hostile", ["a/../../b", "..", "a%2fb", "a\\b", "x/delete"])
def test_a_chained_value_that_would_reach_another_path_is_not_sent(hostile):
    wire = Recorder(answered(body={"data": [{"id": hostile}, {"id": "fine"}]}), answered(body={}), answered(body={}))
    running = asyncio.run(run(wire, LISTED, EACH, LAST))
    assert [url.rpartition("/v1/")[2] for url in wire.sent] == ["projects", "projects/fine/limits", "last"]
    assert [one.document["status"] for one in running.asked] == [200, None, 200, 200]


@pytest.mark.parametrize(
    ("more", "cut"),
    [
        ({"next": "https://host.example/v1/projects?page=2"}, "page-limit"),
        ({"has_more": True}, "page-limit"),
        ({}, None),
    ],
)
def test_a_list_of_which_the_file_asks_one_page_says_whether_there_are_more(more, cut):
    running = asyncio.run(run(Recorder(answered(body={"data": [{"id": "m"}], **more})), LISTED))
    (row,) = running.rows.tables["model_listings"]
    assert (row["complete"], row.get("cut")) == (cut is None, cut)


def test_a_host_that_cannot_be_reached_is_asked_once():
    dead = Answer(method="GET", host="h", path="/", failure="unreachable", problem="no connection", authenticated=True)
    wire = Recorder(dead)
    asyncio.run(run(wire, LISTED, LAST))
    assert len(wire.sent) == 1


def test_a_host_that_is_silent_once_gets_another_question():
    silent = Answer(method="GET", host="h", path="/", failure="timeout", problem="no answer", authenticated=True)
    wire = Recorder(silent, answered(body={}))
    asyncio.run(run(wire, LISTED, LAST))
    assert len(wire.sent) == 2

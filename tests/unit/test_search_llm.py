"""The language model as a suggester, against a real HTTP server that also misbehaves."""

from __future__ import annotations

import json
import logging
import math
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pyorch.config import Config
from pyorch.errors import UsageError
from pyorch.model import Goal, Hypothesis
from pyorch.search.model import ProofState
from pyorch.search.suggest.llm import LanguageModel, language_model
from pyorch.search.suggest.llm_answer import MOST
from pyorch.search.suggest.llm_breaker import Breaker
from pyorch.search.suggest.llm_budget import Budget, Prices, Spent, Tokens
from pyorch.search.suggest.llm_cache import AnswerCache
from pyorch.search.suggest.llm_client import ModelServer
from pyorch.search.suggest.llm_prompt import render
from tests.unit.llm_server import (
    Behaviour,
    ModelStandIn,
    answers,
    breaks_off,
    completion,
    drips,
    echoes,
    fails,
    floods,
    resets,
    says,
    sends_garbage,
    serving,
    stalls,
    suggests,
    suggests_key,
    usage,
)

pytest.importorskip("openai")
pytest.importorskip("tenacity")

KEY = "sk-test-0123456789abcdef"
SLOW = "no answer within 0.3 s"


def state(target: str = "a + b = b + a") -> ProofState:
    goal = Goal(target, (Hypothesis("a", "Nat"), Hypothesis("b", "Nat", "a + 1")))
    return ProofState(target, (goal,))


@dataclass
class Bench:
    """What the tests set up for a model: its folder, what it said, and a clock."""

    folder: Path
    said: list[str] = field(default_factory=list)
    now: float = 0.0
    made: list[LanguageModel] = field(default_factory=list)

    def model(
        self,
        url: str,
        *,
        name: str = "stand-in",
        key: str | None = KEY,
        timeout: float = 20.0,
        budget: Budget | None = None,
        trouble: str | None = None,
    ) -> LanguageModel:
        made = LanguageModel(
            ModelServer(name, url, key, timeout, direct=True, pause=0.001),
            budget or Budget(10**9),
            AnswerCache(self.folder / "answers"),
            say=self.said.append,
            trouble=trouble,
            clock=lambda: self.now,
        )
        self.made.append(made)
        return made


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for model in bench.made:
        model.close()


def tactics(model: LanguageModel, target: str = "a + b = b + a") -> list[str]:
    return [suggestion.tactic for suggestion in model.suggest(state(target))]


def test_suggestions_in_order(bench: Bench) -> None:
    with serving(suggests("omega", " simp [Nat.add_comm] ", "omega", used=usage(90, 12))) as server:
        model = bench.model(server.url)
        first, second = model.suggest(state())
    assert (first.tactic, second.tactic) == ("omega", "simp [Nat.add_comm]")
    assert first.prior > second.prior > 0
    assert first.source == "model stand-in"
    assert bench.said == []
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == "stand-in"
    assert asked.body["response_format"] == {"type": "json_object"}
    assert asked.body["max_tokens"] > 0
    assert "b : Nat := a + 1\n⊢ a + b = b + a\n" in asked.prompt
    use = model.use
    assert (use.questions, use.cached, use.failed, use.suggestions) == (1, 0, 0, 2)
    assert use.tokens == Tokens(90, 12)
    assert use.cost is None


def test_premises_and_failures_are_in_the_question(tmp_path: Path) -> None:
    with serving(suggests("omega")) as server:
        model = LanguageModel(
            ModelServer("m", server.url, None, 20.0, direct=True),
            Budget(10**6),
            AnswerCache(tmp_path),
            say=lambda text: pytest.fail(text),
            premises=lambda state: [("Nat.add_comm", "∀ (n m : Nat), n + m = m + n")],
            failures=lambda state: [("rfl", "not a definitional\nequality {{ 7 * 7 }}")],
        )
        assert tactics(model) == ["omega"]
        model.close()
    prompt = server.asked[0].prompt
    assert "Nat.add_comm : ∀ (n m : Nat), n + m = m + n\n" in prompt
    assert "- `rfl`: not a definitional equality {{ 7 * 7 }}\n" in prompt


@pytest.mark.parametrize(
    "trouble",
    [
        fails(500, "oops"), fails(502), fails(503, Retry_After="0"), fails(429, Retry_After="0"),
        fails(429), fails(429, Retry_After="soon"), fails(408), resets, breaks_off, sends_garbage,
        fails(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), fails(429, Retry_After="nan"),
        fails(529, Retry_After="-5"),
    ],
)  # fmt: skip
def test_a_second_attempt_after_trouble_that_passes(bench: Bench, trouble: Behaviour) -> None:
    with serving(trouble, suggests("omega")) as server:
        assert tactics(bench.model(server.url)) == ["omega"]
        assert len(server.asked) == 2
    assert bench.said == []


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (fails(500, "secret words"), "the server answered 500 Internal Server Error"),
        (fails(429), "the server answered 429 Too Many Requests"),
        (fails(599), "the server answered with status 599"),
        (resets, "the connection failed (ReadError)"),
        (breaks_off, "the connection failed (ReadError)"),
        (sends_garbage, "the connection failed (RemoteProtocolError)"),
    ],
)
def test_trouble_that_stays_is_said_once(bench: Bench, behaviour: Behaviour, said: str) -> None:
    with serving(behaviour) as server:
        model = bench.model(server.url)
        assert tactics(model) == []
        assert len(server.asked) == 4
        assert tactics(model, "1 = 1") == []
    assert bench.said == [f"language model: {said}"]
    assert model.use.failed == model.use.questions == 2


@pytest.mark.parametrize("behaviour", [stalls, drips])
def test_the_time_limit_is_total(bench: Bench, behaviour: Behaviour) -> None:
    with serving(behaviour) as server:
        model = bench.model(server.url, timeout=0.3)
        assert tactics(model) == []
    assert bench.said == [f"language model: {SLOW}"]
    assert model.use.tokens.total > 4096  # it may have been billed


@pytest.mark.parametrize(("status", "asked"), [(429, 1), (503, 1)])
def test_a_long_wait_is_not_waited_for_but_kept(bench: Bench, status: int, asked: int) -> None:
    with serving(fails(status, Retry_After="100"), suggests("omega")) as server:
        model = bench.model(server.url)
        assert tactics(model) == []
        assert len(server.asked) == asked
        bench.now = 99.0
        assert tactics(model) == []
        assert len(server.asked) == asked
        bench.now = 101.0
        assert tactics(model) == ["omega"]


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (fails(401), "the server answered 401 Unauthorized; check OPENAI_API_KEY"),
        (fails(404), "the server answered 404 Not Found; check the model's name and the base URL"),
        (
            fails(307, Location="http://127.0.0.1:9/"),
            "the server points elsewhere (status 307), which is not followed",
        ),
    ],
)
def test_trouble_for_good_ends_the_asking(bench: Bench, behaviour: Behaviour, said: str) -> None:
    with serving(behaviour) as server:
        model = bench.model(server.url)
        assert tactics(model) == tactics(model, "1 = 1") == []
        bench.now = 1e9
        assert tactics(model) == []
        assert len(server.asked) == 1
    assert bench.said == [f"language model: {said}; the search goes on without it"]


def test_a_redirect_takes_nothing_elsewhere(bench: Bench) -> None:
    with serving(suggests("omega")) as other:
        to = other.url.replace("127.0.0.1", "localhost") + "/chat/completions"
        with serving(fails(308, Location=to)) as server:
            assert tactics(bench.model(server.url)) == []
        assert other.asked == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is not JSON"), (b"<html>", "is not JSON"), (b"\xff\xfe", "is not JSON"),
        (b"[" * 500_000, "is not JSON"), (b"1" * 10_000, "is not JSON"),
        (b"null", "is not a chat completion"), (b"[]", "is not a chat completion"),
        (b"{}", "is not a chat completion"), (b'{"choices": []}', "is not a chat completion"),
        (b'{"choices": [{"message": "omega"}]}', "is not a chat completion"),
        (completion(["omega"]), "is not a chat completion"),
        (completion(None), "is not JSON"), (completion(""), "is not JSON"),
        (completion("omega"), "is not JSON"),
        (completion('Sure! {"tactics": ["omega"]}'), "is not JSON"),
        (completion("__import__('os').abort()"), "is not JSON"),
        (completion('["omega"]'), "is not the list of tactics that was asked for"),
        (completion('{"tactics": "omega"}'), "is not the list of tactics that was asked for"),
        (completion('{"tactics": [1]}'), "is not the list of tactics that was asked for"),
        (completion('{"tactics": ["omega", null]}'), "is not the list of tactics that was asked"),
        (completion('{"tactics": {"a": "omega"}}'), "is not the list of tactics that was asked"),
        (completion('{"Tactics": ["omega"]}'), "is not the list of tactics that was asked for"),
    ],
)  # fmt: skip
def test_malformed_answers(bench: Bench, body: bytes, said: str) -> None:
    with serving(answers(body)) as server:
        model = bench.model(server.url)
        assert tactics(model) == []
        assert len(server.asked) == 1
    assert len(bench.said) == 1
    assert bench.said[0].startswith(f"language model: an answer {said}")


def test_an_answer_in_a_code_fence(bench: Bench) -> None:
    with serving(says('\n```json\n{"tactics": ["omega"]}\n```\n')) as server:
        assert tactics(bench.model(server.url)) == ["omega"]


def test_ten_thousand_suggestions(bench: Bench) -> None:
    with serving(suggests(*(f"exact h{i}" for i in range(10_000)))) as server:
        assert tactics(bench.model(server.url)) == [f"exact h{i}" for i in range(MOST)]


@pytest.mark.parametrize("status", [200, 400, 500])
def test_fifty_megabytes(bench: Bench, status: int) -> None:
    with serving(floods(status), suggests("omega")) as server:
        assert tactics(bench.model(server.url)) == ([] if status == 200 else ["omega"])
        assert server.taken < 20_000_000  # the rest of what fits in buffers
    assert bench.said == (["language model: an answer is larger than 1 MB"] * (status == 200))


def test_compressed_answers_are_not_unpacked(bench: Bench) -> None:
    with serving(answers(b"\x1f\x8b", Content_Encoding="gzip")) as server:
        assert tactics(bench.model(server.url)) == []
        assert server.asked[0].headers["accept-encoding"] == "identity"
    assert bench.said == ["language model: an answer is compressed, which it was asked not to be"]


def test_what_a_suggestion_may_not_contain(bench: Bench) -> None:
    bad = [
        '#eval IO.FS.removeFile "x"', "run_cmd Lean.logInfo 1", "run_tac Lean.logInfo 1",
        "import Lean", "simp import Lean", "axiom a : False", "sorry", "exact sorry", "admit",
        "simp\nend X\naxiom a : False", "native_decide", "decide +native", "ｓｏｒｒｙ", "𝓼orry",
        "so\u200brry", "omega\u202e", "simp\u2028skip", "exact (by_elab return 1)", "", " ",
        "x" * 301, "simp /-", "set_option debug.skipKernelTC true in simp", "exact \ud800",
        "unsafe exact h", "macro \"x\" : tactic => `(tactic| skip)",
    ]  # fmt: skip
    with serving(suggests(*bad, "omega")) as server:
        assert tactics(bench.model(server.url)) == ["omega"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_the_key_is_never_shown(
    bench: Bench, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(echoes(status)) as server:
        model = bench.model(server.url)
        assert tactics(model) == []
        assert KEY in server.asked[0].headers["authorization"]
    told = "\n".join([*bench.said, *map(repr, model.__dict__.values()), caplog.text])
    assert "language model: " in told
    assert KEY not in told


def test_a_key_in_a_suggestion_goes_no_further(bench: Bench) -> None:
    with serving(suggests_key) as server:
        assert tactics(bench.model(server.url)) == ["omega"]
    for path in bench.folder.rglob("*"):
        assert path.is_dir() or KEY not in path.read_text()


def test_a_key_that_no_header_may_have_is_not_shown(bench: Bench) -> None:
    with serving(suggests("omega")) as server:
        assert tactics(bench.model(server.url, key="sk-a\nb")) == []
    assert "sk-a" not in "".join(bench.said)


def test_no_key_is_sent_where_there_is_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    with serving(suggests("omega")) as server:
        assert tactics(bench.model(server.url, key=None)) == ["omega"]
    assert KEY not in str(server.asked)
    assert "authorization" not in server.asked[0].headers


def test_servers_that_know_other_settings(bench: Bench) -> None:
    script = (fails(400, "use 'max_completion_tokens' instead"), fails(422, "no JSON mode"))
    with serving(*script, suggests("omega")) as server:
        model = bench.model(server.url)
        assert tactics(model) == tactics(model, "1 = 1") == ["omega"]
    keys = [set(asked.body) - {"model", "messages"} for asked in server.asked]
    assert keys == [
        {"max_tokens", "response_format"},
        {"max_completion_tokens", "response_format"},
        {"max_completion_tokens"},
        {"max_completion_tokens"},
    ]


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_likes_no_settings(bench: Bench, status: int) -> None:
    with serving(fails(status, "max_tokens max_completion_tokens response_format")) as server:
        assert tactics(bench.model(server.url)) == []
        assert len(server.asked) == 3
    assert len(bench.said) == 1


def test_the_cache_answers_without_a_server_a_key_or_a_budget(bench: Bench) -> None:
    with serving(suggests("omega", "sorry")) as server:
        assert tactics(bench.model(server.url)) == ["omega"]
    model = bench.model(server.url, key=None, trouble="no key", budget=Budget(1))
    assert tactics(model) == ["omega"]
    assert (model.use.cached, model.use.questions, bench.said) == (1, 0, [])
    assert tactics(model, "1 = 1") == []
    assert tactics(bench.model(server.url, name="other", trouble="no key")) == []
    (path,) = (p for p in bench.folder.rglob("*") if p.is_file())
    assert json.loads(path.read_text()) == {"tactics": ["omega"]}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{}", b'{"tactics": [1]}', b'{"tactics": ["si', b"[" * 60_000,
     b'{"tactics": ["exact h"]}' + b" " * 99_999],
)  # fmt: skip
def test_a_damaged_entry_is_ignored_and_replaced(bench: Bench, content: bytes) -> None:
    with serving(suggests("omega"), suggests("rfl")) as server:
        model = bench.model(server.url)
        assert tactics(model) == ["omega"]
        (path,) = (p for p in bench.folder.rglob("*") if p.is_file())
        path.write_bytes(content)
        assert tactics(model) == tactics(model) == ["rfl"]
        assert len(server.asked) == 2


def test_the_cache_is_not_trusted(bench: Bench) -> None:
    with serving(suggests("omega")) as server:
        model = bench.model(server.url)
        assert tactics(model) == ["omega"]
        (path,) = (p for p in bench.folder.rglob("*") if p.is_file())
        path.write_text(json.dumps({"tactics": ["sorry", "rfl", "run_tac x"]}))
        assert tactics(model) == ["rfl"]


def test_a_cache_that_cannot_be_written(bench: Bench) -> None:
    (bench.folder / "answers").write_text("a file")
    with serving(suggests("omega")) as server:
        model = bench.model(server.url)
        assert tactics(model) == tactics(model) == ["omega"]
        assert len(server.asked) == 2
    assert len(bench.said) == 1
    assert bench.said[0].startswith("language model: cannot write ")


def test_the_budget_of_tokens(bench: Bench) -> None:
    question = len(render(state("x = 0"), MOST).encode()) + 64 + 4096
    budget = Budget(2 * question)
    with serving(suggests("omega", used=usage(question - 1, 1))) as server:
        model = bench.model(server.url, budget=budget)
        assert [tactics(model, f"x = {i}") for i in range(4)] == [["omega"], ["omega"], [], []]
        assert len(server.asked) == 2
    assert bench.said == [
        f"language model: the budget of {2 * question} tokens has no room for another question;"
        " the search goes on without it"
    ]
    assert budget.used.total == 2 * question


@pytest.mark.parametrize(
    "used",
    [None, {}, usage(-5, 1), usage("1", 1), usage(True, 1), usage(1.5, 1), usage(10**30, 1), [1]],
)  # fmt: skip
def test_tokens_that_the_server_does_not_count(bench: Bench, used: object) -> None:
    with serving(suggests("omega", used=used)) as server:
        model = bench.model(server.url)
        assert tactics(model) == ["omega"]
    most = len(server.asked[0].prompt.encode()) + 64
    assert model.use.tokens == Tokens(most, 4096)


def test_the_budget_of_money() -> None:
    budget = Budget(10**9, 1.0, Prices(2.0, 8.0))
    budget.reserve(Tokens(100_000, 100_000))
    with pytest.raises(Spent, match="the budget of 1 has no room"):
        budget.reserve(Tokens(1, 0))
    budget.settle(Tokens(100_000, 100_000), Tokens(50_000, 25_000))
    assert budget.cost == pytest.approx(0.3)
    budget.reserve(Tokens(0, 87_500))
    assert budget.cost == pytest.approx(1.0)
    with pytest.raises(ValueError, match="needs prices"):
        Budget(1, 1.0)


def test_a_server_that_is_not_there(bench: Bench) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # does not listen
        model = bench.model(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        assert tactics(model) == []
    assert bench.said == ["language model: the server cannot be reached"]
    assert model.use.tokens == Tokens()


@pytest.mark.parametrize("package", ["openai", "tenacity"])
def test_without_the_package(bench: Bench, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with serving(suggests("omega")) as server:
        model = bench.model(server.url)
        assert tactics(model) == tactics(model) == []
        assert server.asked == []
    assert bench.said == [
        f"language model: the package {package} is missing (pip install 'pyorch[llm]');"
        " the search goes on without it"
    ]


def test_the_breaker() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    breaker.failed()
    breaker.failed()
    assert breaker.closed
    breaker.failed()
    assert not breaker.closed
    now = 30.0
    assert breaker.closed
    breaker.failed()
    now = 89.0
    assert not breaker.closed
    now = 90.0
    breaker.worked()
    breaker.failed()
    assert breaker.closed
    breaker.failed(50.0)
    now = 139.0
    assert not breaker.closed
    for _ in range(2000):
        breaker.failed()
    now += 900.0
    assert breaker.closed
    breaker.end()
    breaker.failed()
    now = 1e300
    assert not breaker.closed and math.isfinite(now)


def test_after_three_failures_it_is_left_alone(bench: Bench) -> None:
    with serving(says("x"), says("x"), says("x"), suggests("omega")) as server:
        model = bench.model(server.url)
        assert [tactics(model, f"x = {i}") for i in range(5)] == [[]] * 5
        assert len(server.asked) == 3
        bench.now = 31.0
        assert tactics(model) == ["omega"]
    assert bench.said == ["language model: an answer is not JSON"]


def test_a_failure_now_and_then_is_borne(bench: Bench) -> None:
    script = [says("x"), says("x"), suggests("omega")] * 3
    with serving(*script) as server:
        model = bench.model(server.url)
        found = [tactics(model, f"x = {i}") for i in range(9)]
    assert found == [[], [], ["omega"]] * 3
    assert (model.use.questions, model.use.failed, model.use.suggestions) == (9, 6, 3)


def test_several_threads(bench: Bench) -> None:
    found: list[list[str]] = []
    with serving(suggests("omega", used=usage(1, 1))) as server:
        model = bench.model(server.url)
        threads = [
            threading.Thread(target=lambda i=i: found.append(tactics(model, f"x = {i}")))
            for i in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [["omega"]] * 8
    assert model.use.tokens == Tokens(8, 8)
    assert model.use.questions == 8


def test_it_can_be_used_after_closing(bench: Bench) -> None:
    with serving(suggests("omega")) as server:
        model = bench.model(server.url)
        model.close()
        assert tactics(model) == ["omega"]
        model.close()
        model.close()
        assert tactics(model, "1 = 1") == ["omega"]


# Settings


def made(
    config: Config, environ: dict[str, str] | None = None
) -> tuple[LanguageModel | None, list[str]]:
    said: list[str] = []
    return language_model(config, say=said.append, environ=environ or {}), said


def test_no_model_is_asked_unless_one_is_named(tmp_path: Path) -> None:
    assert made(Config(cache=tmp_path), {"OPENAI_API_KEY": KEY}) == (None, [])


def test_without_a_key(tmp_path: Path) -> None:
    model, said = made(Config(cache=tmp_path, llm_model="m"))
    assert model is not None and said == []
    assert tactics(model) == tactics(model) == []
    assert said == [
        "language model: there is no OPENAI_API_KEY in the environment;"
        " the search goes on without it"
    ]


def test_a_key_of_other_characters(tmp_path: Path) -> None:
    model, said = made(Config(cache=tmp_path, llm_model="m"), {"OPENAI_API_KEY": "ключ"})
    assert model is not None and tactics(model) == []
    assert len(said) == 1 and "is not a key" in said[0] and "ключ" not in said[0]


@pytest.mark.parametrize("by", ["llm_base_url", "OPENAI_BASE_URL"])
def test_settings_reach_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    # Nothing for this machine goes through a proxy.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(suggests("omega", used=usage(1_000_000, 500_000))) as server:
        config = Config(
            cache=tmp_path, llm_model="m", llm_input_price=1.0, llm_output_price=4.0, llm_cost=9.0,
            llm_base_url=server.url if by == "llm_base_url" else None,
        )  # fmt: skip
        environ = {"OPENAI_API_KEY": f" {KEY}\n"}
        if by == "OPENAI_BASE_URL":
            environ[by] = server.url + "/"
        model, said = made(config, environ)
        assert model is not None and tactics(model) == ["omega"]
        model.close()
    assert said == []
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert model.use.cost == 3.0


def test_the_key_does_not_leave_the_machine_in_the_clear(tmp_path: Path) -> None:
    config = Config(cache=tmp_path, llm_model="m", llm_base_url="http://models.example/v1")
    model, said = made(config, {"OPENAI_API_KEY": KEY})
    assert model is not None
    assert said == ["language model: the key is not sent, since the base URL is not https"]
    assert KEY not in str(vars(model._client)) + str(vars(model._server))
    assert model._server.key is None


def test_settings_that_cannot_be_meant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--llm-cost needs --llm-input-price"):
        made(Config(cache=tmp_path, llm_model="m", llm_cost=1.0))
    with pytest.raises(UsageError, match="OPENAI_BASE_URL: ") as error:
        made(Config(cache=tmp_path, llm_model="m"), {"OPENAI_BASE_URL": "https://me:pw@host/v1"})
    assert "pw" not in str(error.value)


def test_long_states_are_cut() -> None:
    hypotheses = tuple(Hypothesis(f"h{i}", "y" * 500, "z" * 500) for i in range(100))
    goals = (Goal("x" * 10_000, hypotheses), *(Goal("x" * 10_000) for _ in range(8)))
    pairs = [(f"t{i}", "m" * 10_000) for i in range(1000)]
    prompt = render(ProofState("k", goals), MOST, pairs, pairs)
    assert len(prompt) < 30_000
    assert "(6 more goals are not shown.)" in prompt
    assert "h99 : yy" in prompt and "h0 : " not in prompt
    assert "t0 : mm" in prompt and "- `t999`: mm" in prompt and "t500" not in prompt
    assert "⊢ ?" in render(ProofState("k", (Goal("\ud800"),)), MOST)


def test_the_model_stand_in_is_one(bench: Bench) -> None:
    """The server of these tests speaks the protocol as the client library itself reads it."""
    import openai

    with serving(suggests("omega", used=usage(3, 4))) as server:
        assert isinstance(server, ModelStandIn)
        with openai.OpenAI(api_key=KEY, base_url=server.url) as client:
            answer = client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "hello"}]
            )
    assert answer.choices[0].message.content == '{"tactics": ["omega"]}'
    assert answer.usage is not None and answer.usage.completion_tokens == 4

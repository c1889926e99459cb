"""`python3 -m diffcode_training run | export`: see training/README.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .config import BUDGETS, RunConfig, parse_budget
from .export import FORMS


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.act(options)
    except (FileNotFoundError, ValueError) as error:
        print(f"diffcode_training: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    from .loop import Stopped
    from .runner import train

    _expect_model(options)
    try:
        train(_config(options), options.stop_after)
    except Stopped as stop:
        print(f"stopped at {stop}; the same command goes on")
    return 0


def _export(options: argparse.Namespace) -> int:
    from .publish import publish

    digest = publish(_config(options), options.weights, options.name, options.form, options.default)
    print(f"{options.name}.safetensors {digest}")
    return 0


def _expect_model(options: argparse.Namespace) -> None:
    path = options.graphs / "parameters.json"
    if not path.exists():
        raise FileNotFoundError(f"no {path.name} in --graphs; write it with: {_export_command(options)}")
    found = json.loads(path.read_text())["preset"]["name"]
    if found != options.preset:
        raise ValueError(f"--graphs holds {found}, not {options.preset}; write it with: {_export_command(options)}")


def _export_command(options: argparse.Namespace) -> str:
    return f"node bin/diffcode-node.cjs export --preset {options.preset} --ablation {options.ablation} --out GRAPHS"


def _config(options: argparse.Namespace) -> RunConfig:
    seeds = f"--seed {options.seed} --crop-seed {options.crop_seed}"
    return RunConfig(
        graphs=options.graphs,
        shards=options.shards,
        out=options.out,
        budget=parse_budget(options.budget),
        weight_seed=options.seed,
        crop_seed=options.crop_seed,
        device=options.device,
        threads=options.threads,
        checkpoint_every_s=options.checkpoint_every,
        command=(
            f"python3 -m diffcode_training run --preset {options.preset} --ablation {options.ablation} "
            f"--graphs GRAPHS --shards SHARDS --out RUN --budget {options.budget} {seeds}"
        ),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="diffcode_training", description="Trains DiffCode and writes its weights.")
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="train all stages in order, or go on where the checkpoint stands")
    run.add_argument("--stop-after", type=int, help="end after this many iterations, with a checkpoint")
    run.set_defaults(act=_run)
    export = commands.add_parser("export", help="write weights, card and index of a finished run")
    export.add_argument("--weights", type=Path, required=True, help="folder for the weights, their card and index.json")
    export.add_argument("--name", required=True, help="name of the weights")
    export.add_argument("--form", choices=FORMS, default="slim")
    export.add_argument("--default", action="store_true", help="make them the default of index.json")
    export.set_defaults(act=_export)
    for command in (run, export):
        _add_run_options(command)
    return parser


def _add_run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--preset", required=True)
    command.add_argument("--ablation", default="full", help="full, V1, V2 or V3")
    command.add_argument("--graphs", type=Path, required=True, help="what `diffcode-node export` wrote")
    command.add_argument("--shards", type=Path, required=True, help="what prepare wrote")
    command.add_argument("--out", type=Path, required=True, help="folder of the run: checkpoint, curves, metrics")
    command.add_argument("--budget", required=True, help=f"{', '.join(BUDGETS)}, or iterations as 600/2500/1500/7000")
    command.add_argument("--seed", type=int, default=1, help="of the weights and of the noise of latents")
    command.add_argument("--crop-seed", type=int, default=1, help="of the crops; runs with the same one see the same")
    command.add_argument("--device", default="cpu", help="cpu or cuda")
    command.add_argument("--threads", type=int, default=1)
    command.add_argument("--checkpoint-every", type=float, default=180.0, metavar="SECONDS")


if __name__ == "__main__":
    sys.exit(main())

"""The model card of a weights file, as Markdown. Every figure comes from the run's own files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from .tasks import TASKS

_ATTRIBUTION = Path(__file__).parents[1] / "data-attribution.md"
_STAGES = {"0": "0 classifier", "1": "I codebooks", "2": "II diffusion", "3": "III restoration"}
_CURVE_ROWS = 10


def card_text(weights: Mapping, trained: Mapping, metrics: Mapping, run_folder: Path) -> str:
    """The whole card. `weights` is the row of the index with form, size and ablation."""
    curves = [json.loads(line) for line in (run_folder / "curves.jsonl").read_text().splitlines()]
    parts = [
        _head(weights),
        _figures(metrics["validation"], weights["tasks"]),
        _series(metrics["validation"]),
        _latents(curves),
        _training(trained),
        _curve(curves),
        _LIMITS,
        _ATTRIBUTION.read_text().strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(weights: Mapping) -> str:
    return "\n".join(
        [
            f"# {weights['name']}",
            "",
            "Weights of DiffCode for diffcode-node. **Research use only**: no medical device, no clinical decision.",
            "This file is written by `python3 -m diffcode_training export`.",
            "",
            "| | |",
            "|---|---|",
            f"| file | `{weights['name']}.safetensors`, {weights['sizeBytes']:,} bytes, form `{weights['form']}` |",
            f"| SHA-256 | `{weights['sha256']}` |",
            f"| preset | `{weights['preset']}` |",
            f"| ablation | `{json.dumps(weights['ablation'], sort_keys=True)}` |",
            f"| tasks | {', '.join(weights['tasks']) or 'none'} |",
            "| licence | MIT; the training data have licences of their own, below |",
        ]
    )


def _figures(validation: Mapping, tasks: Sequence[str]) -> str:
    rows = [
        "## Figures on the validation set",
        "",
        "Means over slices, PSNR in dB and SSIM as AMIR computes them (model-spec.md 4.1), with the weights as shipped.",
        "`zero`: the reference image replaced by zeros. `swap`: decoded with another task's codebook.",
        "Our data differ from the paper's, so these figures are not comparable with its own.",
        "",
        "| task | slices | input | restored | gain | zero | swap |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in validation.items():
        cells = [_pair(figures[kind]) if kind in figures else "-" for kind in ("input", "own")]
        others = [_pair(figures[kind]) if kind in figures else "-" for kind in ("zero", "swap")]
        rows.append(
            f"| {name} | {figures['slices']} | {cells[0]} | {cells[1]} | {_gain(figures)} | {others[0]} | {others[1]} |"
        )
    left_out = [task.name for task in TASKS if task.name in validation and task.name not in tasks]
    if left_out:
        rows += ["", f"Left out of `tasks`, because PSNR or SSIM does not rise over the input: {', '.join(left_out)}."]
    return "\n".join(rows)


def _pair(scores: Mapping[str, float]) -> str:
    return f"{scores['psnr']:.2f} / {scores['ssim']:.4f}"


def _gain(figures: Mapping) -> str:
    return f"{figures['gain']:+.2f} / {figures['own']['ssim'] - figures['input']['ssim']:+.4f}"


def _series(validation: Mapping) -> str:
    rows = ["Gain per series, dB and SSIM:", "", "| series | PSNR | SSIM |", "|---|---|---|"]
    for figures in validation.values():
        rows += [f"| {name} | {gain['psnr']:+.2f} | {gain['ssim']:+.4f} |" for name, gain in figures["series"].items()]
    return "\n".join(rows)


def _latents(curves: Sequence[Mapping]) -> str:
    last = _last_validation(curves, 2)
    if not last:
        return ""
    rows = [
        "Mean distance to the true latent, in units of its deviation, at the end of stage II:",
        "",
        "| task | E_vq(LQ) | E_lq alone | the chain | first code right |",
        "|---|---|---|---|---|",
    ]
    for name, row in last.items():
        cells = [f"{row[key]:.3f}" for key in ("E_vq(LQ)", "condition", "predicted", "first code right")]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _training(trained: Mapping) -> str:
    rows = [
        "## Training",
        "",
        "```",
        f"{trained['command']}",
        "```",
        "",
        f"Batch {trained['batch']}, crops {trained['crop']}, peak rate {trained['peakRate']}, seeds {trained['seeds']},",
        f"PyTorch {trained['torch']}, {trained['threads']} thread(s), {trained['started']} to {trained['ended']}.",
        f"Shards `{trained['shards']}`, graphs `{trained['graphs']}`.",
        "",
        "| stage | iterations | CPU s | wall s |",
        "|---|---|---|---|",
    ]
    for key, stage in sorted(trained["stages"].items()):
        rows.append(f"| {_STAGES[key]} | {stage['iterations']:,} | {stage['cpu_s']:.0f} | {stage['wall_s']:.0f} |")
    return "\n".join(rows)


def _curve(curves: Sequence[Mapping]) -> str:
    points = [row for row in curves if row["stage"] == 3 and "validation" in row][-_CURVE_ROWS:]
    if not points:
        return ""
    names = list(points[0]["validation"])
    rows = [
        "Gain in dB on every sixth validation slice during stage III:",
        "",
        f"| iteration | {' | '.join(names)} |",
        "|---|" + "---|" * len(names),
    ]
    for row in points:
        gains = [f"{row['validation'][name]['gain']:+.2f}" for name in names]
        rows.append(f"| {row['iteration']:,} | {' | '.join(gains)} |")
    return "\n".join(rows)


_LIMITS = """## What these weights do not show

- Low-quality images are simulated (model-spec.md 2.9) from clinical images that are noisy themselves.
- PET comes from one scanner model and, but for three people, as small crops around tumours of limbs and trunk.
- MR is small and mixed; most of its brains come from one database of people with multiple sclerosis.
- Scores of PET crops leave out their outer 3 pixels.
- The validation slices were watched during training, and the gate's limits are taken from them: they are no
  independent test."""


def _last_validation(curves: Sequence[Mapping], stage: int) -> Mapping:
    found = [row["validation"] for row in curves if row["stage"] == stage and "validation" in row]
    return found[-1] if found else {}

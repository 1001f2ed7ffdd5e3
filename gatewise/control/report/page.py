"""The report as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from markupsafe import Markup
from numpy.typing import NDArray

from gatewise.control.episode import Episode, run_episode
from gatewise.control.evaluation import FIRST_SEED, Evaluation
from gatewise.control.making import maker
from gatewise.control.probe import Probed, probe
from gatewise.control.report.pictures import episode_picture, probe_curve, return_curve
from gatewise.tasks.report.shell import page
from gatewise.tasks.report.versions import versions

if TYPE_CHECKING:
    from gatewise.control.ppo import RecurrentPPO

EPISODES, LONGEST, QUANTITIES = 32, 200, 6


def report(learner: RecurrentPPO, evaluation: Evaluation, command: str = "") -> str:
    """The page of a policy, with episodes that are played for it.

    Raises InputError for a vector environment, and for one that fails.
    """
    episodes = _episodes(learner)
    shown = episodes[int(np.argsort([e.total for e in episodes])[len(episodes) // 2])]
    probed = probe(episodes, learner.setting.hide)
    title, text = _probe_words(probed)
    name = learner.setting.name or "An environment"
    options, network = learner.options, learner.policy.network
    weights = sum(p.numel() for p in network.parameters())
    return page(
        "gatewise.control.report",
        heading=name,
        verdict=_verdict(learner, evaluation),
        tiles=_tiles(learner, evaluation),
        about="The policy sees a part of the world and must remember the rest. Below is how the return rose, and whether "
        "its states hold what it cannot see.",
        curve=Markup(return_curve("returns", learner.history)),
        probe_title=title,
        probe_text=text,
        probe=Markup(probe_curve("probe", probed)),
        episode_about="The policy as it steps: what it sees, what it does, and the quantities of its cell's equations, "
        "step by step. Each row of a map is a unit: the sixteen that move most, ordered by their mean.",
        episode_title=f"An episode of {len(shown.rewards)} steps"
        + (" and more" if len(shown.rewards) == LONGEST else ""),
        episode_text=f"Return {shown.total:.2f}, the median of {len(episodes)}; the likeliest action at every step.",
        episode=Markup(episode_picture("episode", shown, _recorded(learner, shown))),
        environment=[
            ("observations", learner.policy.observation.describe()),
            ("hidden", ", ".join(f"number {k}" for k in learner.setting.hide) or "nothing"),
            ("actions", learner.policy.action.describe()),
            ("environments", f"{options.n_envs} side by side"),
        ],
        model=[
            ("cell", f"{learner.cell.name}, {options.units} units"),
            ("memory", "shared by actor and critic" if options.shared else "one for each"),
            ("weights", f"{weights:,}"),
            ("policy", _which(learner)),
            (
                "learning",
                f"PPO, {options.n_steps} steps, {options.n_epochs} epochs, seed {options.seed}",
            ),
        ],
        command=command,
        versions=versions(network.memory(0).explain()),
    )


def _which(learner: RecurrentPPO) -> str:
    """The policy that the page shows."""
    if learner.handed_out is None:
        return f"of the last of {learner.updates:,} updates"
    return f"the best, of update {learner.handed_out:,} of {learner.updates:,}"


def _episodes(learner: RecurrentPPO) -> list[Episode]:
    env = maker(learner.env, learner.setting)()
    try:
        return [
            run_episode(learner.policy, env, FIRST_SEED + k, most=LONGEST) for k in range(EPISODES)
        ]
    finally:
        env.close()


def _recorded(learner: RecurrentPPO, episode: Episode) -> dict[str, NDArray[np.floating]]:
    names = learner.cell.names[-QUANTITIES:] if learner.cell.names else ()
    inputs = torch.from_numpy(episode.inputs)[:, None]
    with torch.no_grad():
        recorded = learner.policy.network.record(inputs, names)
    return {name: values[:, 0].numpy() for name, values in recorded.items()}


def _verdict(learner: RecurrentPPO, evaluation: Evaluation) -> str:
    first = next((e.mean_return for e in learner.history if e.mean_return is not None), None)
    rose = f" It began at {first:.1f}." if first is not None else ""
    return (
        f"After {learner.frames:,} frames and {learner.seconds:.0f} seconds the policy reaches a mean return of "
        f"{evaluation.mean:.1f} over {len(evaluation.returns)} episodes that it had not trained on.{rose}"
    )


def _tiles(learner: RecurrentPPO, evaluation: Evaluation) -> list[tuple[str, str, str]]:
    rate = learner.frames / learner.seconds if learner.seconds else 0.0
    return [
        (
            "Mean return",
            f"{evaluation.mean:.1f}",
            f"deviation {evaluation.deviation:.1f} between episodes",
        ),
        ("Worst episode", f"{min(evaluation.returns):.1f}", f"of {len(evaluation.returns)}"),
        ("Mean length", f"{np.mean(evaluation.lengths):.0f}", "steps"),
        ("Frames a second", f"{rate:,.0f}", "of training, with the environments"),
    ]


def _probe_words(probed: Probed) -> tuple[str, str]:
    known = probed.explained[np.isfinite(probed.explained).all(1)]
    if probed.by_lag:
        return (
            "What it remembers of the past",
            "Share of the variance of the observation of so many steps before that a line through the states reads back.",
        )
    late = known[len(known) // 3 :].mean(0) if len(known) else np.zeros(len(probed.names))
    shares = ", ".join(f"{n}: {v:.2f}" for n, v in zip(probed.names, late, strict=True))
    return (
        "What it knows of what is hidden",
        f"Share of the variance (R2) of the hidden numbers that a line through the states reads back; later steps: {shares}.",
    )

"""An episode as a film, .gif or .mp4: pictures that the environment draws, or what it can be seen by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewise.control.episode import Episode, run_episode
from gatewise.control.evaluation import check_spaces
from gatewise.control.making import Setting, maker
from gatewise.control.policy import Policy
from gatewise.errors import InputError
from gatewise.extras import MissingExtra, installed

ENDINGS = (".gif", ".mp4")
Frame = NDArray[np.uint8]
MOST_FRAMES = 1_000
RATE = 30.0  # frames a second


def film(
    policy: Policy,
    env: Any,
    setting: Setting,
    path: Path,
    *,
    seed: int,
    steps: int = MOST_FRAMES,
    sample: bool = False,
) -> tuple[Episode, str]:
    """Play an episode and write its film.

    An environment that cannot draw itself here is shown by what the policy sees and does.

    Returns the episode, and a remark on the pictures or "".

    Raises MissingExtra for .mp4 without its library, InputError for an environment that fails.
    """
    if path.suffix.lower() == ".mp4" and not installed("imageio_ffmpeg"):
        raise MissingExtra(
            "writing .mp4 needs imageio-ffmpeg: pip install imageio-ffmpeg, or write a .gif"
        )
    play = _Play(policy, env, setting, seed, steps, sample)
    episode, remark = play.drawn_by_itself()
    frames: Sequence[Frame] = episode.frames
    if not frames:
        frames = _charts(episode)
    write(path, frames)
    return episode, remark


@dataclass(frozen=True)
class _Play:
    """An episode that is to be played."""

    policy: Policy
    env: Any
    setting: Setting
    seed: int
    steps: int
    sample: bool

    def drawn_by_itself(self) -> tuple[Episode, str]:
        """With the environment's own pictures, where it has any; else without, and why."""
        try:
            single = maker(self.env, self.setting)(render_mode="rgb_array")
        except (
            Exception
        ) as error:  # each environment has its own way to say that it cannot be drawn
            return self._undrawn(error)
        try:
            return self._run(single, _picture), ""
        except InputError:
            raise
        except Exception as error:
            return self._undrawn(error)
        finally:
            single.close()

    def _undrawn(self, error: Exception) -> tuple[Episode, str]:
        single = maker(self.env, self.setting)()
        try:
            episode = self._run(single, None)
        finally:
            single.close()
        reason = (str(error).splitlines() or [""])[0]
        return (
            episode,
            f"the environment cannot draw itself here ({reason:.160}): the film shows charts",
        )

    def _run(self, single: Any, picture: Callable[[Any], Any] | None) -> Episode:
        check_spaces(self.policy, single)
        rng = np.random.default_rng(self.seed) if self.sample else None
        return run_episode(
            self.policy, single, self.seed, most=self.steps, picture=picture, rng=rng
        )


def _picture(env: Any) -> Frame:
    picture = np.asarray(env.render())
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError("render() gives no picture [height, width, 3] of bytes")
    return picture.copy()


def _charts(episode: Episode) -> list[Frame]:
    """What the policy sees and does over time, with a line that moves along; it is drawn once."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from gatewise.tasks.report.svg import LIGHT

    T = len(episode.rewards)
    with matplotlib.rc_context({"font.size": 9}):
        figure = Figure(figsize=(6.4, 4.0), dpi=80, layout="constrained", facecolor=LIGHT.paper)
        canvas = FigureCanvasAgg(figure)
        axes = figure.subplots(3, 1, sharex=True, height_ratios=[2, 1, 1])
        axes[0].plot(episode.observations[:, :8], linewidth=1)
        axes[0].set_ylabel("sees")
        axes[1].step(np.arange(T), episode.actions[:, :4], where="post", linewidth=1)
        axes[1].set_ylabel("does")
        axes[2].plot(np.cumsum(episode.rewards), color=LIGHT.model)
        axes[2].set(ylabel="return", xlabel="step", xlim=(0, max(T - 1, 1)))
        canvas.draw()  # type: ignore[no-untyped-call]
        buffer = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        still = np.asarray(buffer)[..., :3].copy()
        box = axes[0].get_window_extent()
    left, right = int(box.x0), int(box.x1)
    frames = []
    for t in np.unique(np.linspace(0, T - 1, min(T, 200)).astype(int)):
        frame = still.copy()
        column = left + round((right - left) * t / max(T - 1, 1))
        frame[:, max(0, column - 1) : column + 1] = (216, 96, 42)
        frames.append(frame)
    return frames


def write(path: Path, frames: Sequence[Frame]) -> None:
    """Write frames of one size as .gif or .mp4. Raises OSError where the system refuses."""
    if path.suffix.lower() == ".mp4":
        _write_mp4(path, frames)
        return
    from PIL import Image

    pictures = [Image.fromarray(frame).quantize(64) for frame in frames]
    pictures[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=round(1000 / RATE),
        loop=0,
        optimize=False,
    )


def _write_mp4(path: Path, frames: Sequence[Frame]) -> None:
    import imageio_ffmpeg

    height, width = (n - n % 2 for n in frames[0].shape[:2])
    writer = imageio_ffmpeg.write_frames(
        str(path), (width, height), fps=RATE, macro_block_size=1, ffmpeg_log_level="error"
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame[:height, :width]))
    writer.close()

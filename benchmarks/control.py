"""``python -m benchmarks.control ROW ... [--seeds 0 1 2] [--seconds N] [--no-peer]``: policies with memory beside sb3-contrib's.

A row is a world with what must be remembered in it, or ``speed``: frames a second of training and microseconds of a step.
Seconds are CPU seconds of one thread, which a busy machine stretches little. The peer gets the same worlds, sizes and
seconds, where stable-baselines3 and sb3-contrib are installed (``gatewise[peers]``). A row whose simulator is missing
says so. Results are added to ``benchmarks/results/control.json``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch

RESULTS = Path(__file__).resolve().parent / "results" / "control.json"
MARKS = (30, 60, 120, 300, 600, 1200)  # seconds after which the mean return is written down
cpu = time.process_time


@dataclass(frozen=True)
class Row:
    """A world and how long it is learned in.

    Attributes:
        make: makes one environment.
        seconds: of the processor, at most.
        goal: mean return of 100 episodes at which training ends.
        needs: the module of its simulator.
        hide: numbers of the observation that are left out.
        options: of ``RecurrentPPO`` besides its defaults.
        episodes: that are played for each figure.
        success: whether the share of episodes with a return above 0 is what counts.
        lessons: easier worlds that are learned one after the other before, each to the goal or for its share of the
            seconds; the policy of one starts the next.
    """

    make: Callable[[], Any]
    seconds: float
    goal: float | None = None
    needs: str | None = None
    hide: tuple[int, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    episodes: int = 100
    success: bool = False
    lessons: tuple[Callable[[], Any], ...] = ()


class Curve:
    """The mean return of 100 episodes after so many seconds of the processor."""

    def __init__(self, who: str) -> None:
        self.who, self.begun = who, cpu()
        self.points: dict[int, tuple[int, float]] = {}

    @property
    def seconds(self) -> float:
        return cpu() - self.begun

    def follow(self, frames: int, mean_return: float | None) -> None:
        """Write down and print what was reached, at the first update after each mark."""
        for mark in MARKS:
            if self.seconds >= mark and mark not in self.points and mean_return is not None:
                self.points[mark] = frames, round(mean_return, 3)
                print(f"  {self.who}: {mark} s, {frames:,} frames, {mean_return:.2f}", flush=True)


def popgym(name: str) -> Callable[[], Any]:
    def make() -> Any:
        from popgym.envs import ALL

        return next(one for one in ALL if one.__name__ == name)()

    return make


def minigrid(name: str) -> Callable[[], Any]:
    def make() -> Any:
        import minigrid  # noqa: F401
        from minigrid.wrappers import ImgObsWrapper

        return ImgObsWrapper(gymnasium.make(name))

    return make


class Flickers(gymnasium.ObservationWrapper):
    """Each observation is blank with probability 1/2."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        self._draw = np.random.default_rng(seed)
        return super().reset(seed=seed, options=options)

    def observation(self, observation: Any) -> Any:
        return observation * np.uint8(self._draw.random() < 0.5)


def pong() -> Any:
    import ale_py

    gymnasium.register_envs(ale_py)
    return Flickers(gymnasium.make("ALE/Pong-v5", obs_type="ram"))


def pong_pictures() -> Any:
    import ale_py
    from gymnasium.wrappers import AtariPreprocessing

    gymnasium.register_envs(ale_py)
    env = gymnasium.make("ALE/Pong-v5", frameskip=1)
    return Flickers(AtariPreprocessing(env))


def named(name: str) -> Callable[[], Any]:
    return lambda: gymnasium.make(name)


MANY = {"n_envs": 64, "n_steps": 64}  # where the reward is rare: many episodes in an update

ROWS: dict[str, Row] = {
    "cartpole": Row(named("CartPole-v1"), 60, 475, hide=(1, 3)),
    "pendulum": Row(named("Pendulum-v1"), 300, -200, hide=(2,)),
    "repeat_easy": Row(popgym("RepeatPreviousEasy"), 45, 0.95, "popgym"),
    "repeat_medium": Row(popgym("RepeatPreviousMedium"), 120, 0.95, "popgym"),
    "repeat_hard": Row(popgym("RepeatPreviousHard"), 120, 0.95, "popgym"),
    "autoencode_easy": Row(popgym("AutoencodeEasy"), 300, None, "popgym"),
    "memory_s7": Row(
        minigrid("MiniGrid-MemoryS7-v0"), 600, 0.9, "minigrid", options=MANY, success=True
    ),
    "memory_s13": Row(
        minigrid("MiniGrid-MemoryS13-v0"),
        2400,
        0.94,
        "minigrid",
        options=MANY,
        success=True,
        lessons=tuple(minigrid(f"MiniGrid-MemoryS{size}-v0") for size in (7, 9, 11)),
    ),
    "hopper": Row(named("Hopper-v5"), 600, None, "mujoco", tuple(range(5, 11)), episodes=20),
    "half_cheetah": Row(
        named("HalfCheetah-v5"), 600, None, "mujoco", tuple(range(8, 17)), episodes=20
    ),
    "pong": Row(pong, 1200, None, "ale_py", episodes=10),
    # 84 x 84; OpenCV makes them small
    "pong_pictures": Row(pong_pictures, 1200, None, "cv2", episodes=10),
}


def ours(row: Row, seed: int, **changed: Any) -> dict[str, Any]:
    """Train and evaluate a policy, through its lessons if there are any."""
    from gatewise.control import RecurrentPPO

    curve, frames = Curve(f"gatewise, seed {seed}"), 0
    learner: Any = None

    def progress(entry: Any) -> None:
        # seconds of the processor, not of the clock, are what a training may take
        learner._training.budget.spent = curve.seconds
        curve.follow(frames + entry.frames, entry.mean_return)

    worlds = (*row.lessons, row.make)
    for k, make in enumerate(worlds, 1):
        learner = RecurrentPPO(
            lambda make=make, **_: make(),
            hide=row.hide,
            seed=seed,
            start_from=None if learner is None else learner.policy,
            **(row.options | changed),
        )
        learner.learn(time=row.seconds * k / len(worlds), goal=row.goal, progress=progress)
        frames += learner.frames
    seconds = curve.seconds
    likeliest = learner.evaluate(row.episodes)
    drawn = learner.evaluate(row.episodes, deterministic=False)
    last = [e.mean_return for e in learner.history if e.mean_return is not None]
    return {
        "who": f"gatewise {learner.cell.name}",
        "seed": seed,
        "frames": frames,
        "seconds": round(seconds, 1),
        "frames_a_second": round(frames / seconds),
        "last_100": round(last[-1], 3) if last else None,
        "likeliest": score(likeliest.returns, row),
        "drawn": score(drawn.returns, row),
        "curve": curve.points,
    }


def score(returns: Any, row: Row) -> float:
    values = np.array(returns) > 0 if row.success else np.array(returns)
    return round(float(values.mean()), 3)


class Numbers(gymnasium.ObservationWrapper):
    """Observations as our policy reads them, for the peer."""

    def __init__(self, env: Any) -> None:
        from gatewise.control.observations import coding_of

        super().__init__(env)
        self.coding = coding_of(env.observation_space)
        self.observation_space = gymnasium.spaces.Box(
            -np.inf, np.inf, (self.coding.width,), np.float32
        )

    def observation(self, observation: Any) -> Any:
        return self.coding.single(observation)[0]


def theirs(
    row: Row, seed: int, memory: bool = True, seconds: float | None = None
) -> dict[str, Any]:
    """Train and evaluate sb3-contrib's recurrent PPO, or PPO without memory, with the same sizes."""
    from sb3_contrib import RecurrentPPO
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.vec_env import DummyVecEnv

    from gatewise.control.making import Setting
    from gatewise.control.observations import coding_of
    from gatewise.control.options import Options

    setting = Setting(None, row.hide)
    space = setting.wrapped(row.make()).observation_space
    options = Options(**row.options).suited_to(coding_of(space))
    limit = row.seconds if seconds is None else seconds

    def make() -> Any:
        return Monitor(Numbers(setting.wrapped(row.make())))

    class Stop(BaseCallback):
        last = float("nan")

        def _on_step(self) -> bool:
            return curve.seconds < limit

        def _on_rollout_end(self) -> None:
            ends = self.model.ep_info_buffer
            self.last = float(np.mean([e["r"] for e in ends])) if ends else float("nan")
            curve.follow(self.num_timesteps, self.last)
            if row.goal is not None and len(ends) >= 100 and self.last >= row.goal:
                nonlocal limit
                limit = 0.0

    env = DummyVecEnv([make] * options.n_envs)
    shared = {
        "n_steps": options.n_steps,
        "batch_size": options.n_steps * options.n_envs // options.n_minibatches,
        "n_epochs": options.n_epochs,
        "learning_rate": options.learning_rate,
        "ent_coef": options.ent_coef,
        "gamma": options.gamma,
        "gae_lambda": options.gae_lambda,
        "seed": seed,
        "device": "cpu",
    }
    who = "sb3-contrib lstm" if memory else "sb3 without memory"
    curve, callback = Curve(f"{who}, seed {seed}"), Stop()
    if memory:
        network = {
            "lstm_hidden_size": options.units,
            "net_arch": [options.units],
            "enable_critic_lstm": False,
            "shared_lstm": True,
        }
        model: Any = RecurrentPPO("MlpLstmPolicy", env, policy_kwargs=network, **shared)
    else:
        model = PPO("MlpPolicy", env, **shared)
    model.learn(10**9, callback=callback)
    spent = curve.seconds
    return {
        "who": who,
        "seed": seed,
        "frames": model.num_timesteps,
        "seconds": round(spent, 1),
        "frames_a_second": round(model.num_timesteps / spent),
        "last_100": round(callback.last, 3),
        "likeliest": score(played(model, make, memory, True, row.episodes), row),
        "drawn": score(played(model, make, memory, False, row.episodes), row),
        "curve": curve.points,
    }


def played(
    model: Any, make: Callable[[], Any], memory: bool, deterministic: bool, episodes: int
) -> list[float]:
    """Returns of episodes."""
    env, returns = make(), []
    for k in range(episodes):
        observation, _ = env.reset(seed=1_000_003 + k)
        state, start, total, ended = None, np.ones(1, bool), 0.0, False
        while not ended:
            more = {"state": state, "episode_start": start} if memory else {}
            action, state = model.predict(observation, deterministic=deterministic, **more)
            start = np.zeros(1, bool)
            observation, reward, terminated, truncated, _ = env.step(action)
            total, ended = total + float(reward), terminated or truncated
        returns.append(total)
    return returns


def speed(seconds: float = 8.0) -> list[dict[str, Any]]:
    """Frames a second of training, and what a step costs, at 64 and 256 units."""
    results = []
    for name in ("cartpole", "repeat_easy"):
        row = ROWS[name]
        if missing(row):
            continue
        for units in (64, 256):
            # the same epochs for both: an update of ours may not end early
            same = row.options | {"units": units, "target_kl": None}
            short = replace(row, seconds=seconds, goal=None, options=same)
            results.append({"row": f"speed {name} {units}", **ours(short, 0)})
            if has_peer():
                results.append({"row": f"speed {name} {units}", **theirs(short, 0)})
    return results + [{"row": "step", **one} for one in steps()]


def steps(count: int = 2_000) -> list[dict[str, Any]]:
    """Microseconds of ``policy.step`` for one environment, and of the network for 16."""
    from gatewise.control import RecurrentPPO

    results = []
    for units in (64, 256):
        learner = RecurrentPPO("CartPole-v1", hide=(1, 3), units=units, n_envs=1)
        seen, policy = np.zeros(2, np.float32), learner.policy
        state = policy.start()
        network, inputs = policy.stepping(16), np.zeros((16, 2), np.float32)

        def both(network: Any = network, inputs: Any = inputs) -> None:
            network.act(inputs)
            network.value()

        def one(policy: Any = policy, state: Any = state, seen: Any = seen) -> None:
            policy.step(seen, state)

        results.append(
            {
                "who": f"gatewise, {units} units",
                "step_us": fastest(one, count),
                "network_16_us": fastest(both, count),
            }
        )
    return results


def fastest(call: Callable[[], Any], count: int) -> float:
    """Microseconds of a call, the fastest of eight runs."""
    call()
    times = []
    for _ in range(8):
        begun = cpu()
        for _ in range(count):
            call()
        times.append((cpu() - begun) / count * 1e6)
    return round(min(times), 1)


def has_peer() -> bool:
    return importlib.util.find_spec("sb3_contrib") is not None


def missing(row: Row) -> bool:
    return row.needs is not None and importlib.util.find_spec(row.needs) is None


def run(
    rows: tuple[str, ...] = ("speed",),
    seeds: tuple[int, ...] = (0,),
    peer: bool = True,
    seconds: float | None = None,
) -> Any:
    """The results of some rows, printed as they come; ``seconds`` in place of those of each row."""
    results: list[dict[str, Any]] = []

    def add(result: dict[str, Any]) -> None:
        results.append(result)
        print(json.dumps(result), flush=True)

    for name in rows:
        if name == "speed":
            for result in speed():
                add(result)
            continue
        row = ROWS[name]
        if seconds is not None:
            row = replace(row, seconds=seconds)
        if missing(row):
            print(f'{name}: {row.needs} is not installed: pip install "gatewise[peers]"')
            continue
        for seed in seeds:
            mine = ours(row, seed)
            add({"row": name, **mine})
            if peer and has_peer():
                add({"row": name, **theirs(row, seed)})
                add({"row": name, **theirs(row, seed, memory=False, seconds=mine["seconds"])})
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.control", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, "speed"], default=["speed"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--seconds", type=float, help="of each training, instead of the row's")
    parser.add_argument("--no-peer", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    results = run(
        tuple(arguments.rows), tuple(arguments.seeds), not arguments.no_peer, arguments.seconds
    )
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else []
    RESULTS.write_text(json.dumps(known + results, indent=1) + "\n")


if __name__ == "__main__":
    main()

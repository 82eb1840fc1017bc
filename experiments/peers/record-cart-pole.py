"""Records traces of Gymnasium's CartPole-v1, for `cadre verify`.

    python -m venv /tmp/peers && /tmp/peers/bin/pip install gymnasium
    /tmp/peers/bin/python experiments/peers/record-cart-pole.py --seed 7 --episodes 20 --policy balance --out fresh.trace.json
    cadre verify fresh.trace.json

The environment's own `step` is recorded, at full precision; starts are those that it draws. Policies: `random` falls after some
twenty steps; `balance` pushes towards upright, `noisy` does so but for some random pushes: both reach the limit of 500 steps.
"""

import argparse
import json
import math
import random

import gymnasium


def choose(policy, state, rng):
    if policy == "random" or (policy == "noisy" and rng.random() < 0.3):
        return rng.randrange(2)
    x, x_dot, theta, theta_dot = state
    return int(0.05 * x + 0.1 * x_dot + 3 * theta + 0.6 * theta_dot > 0)


def record(env, seed, policy):
    env.reset(seed=seed)
    rng = random.Random(seed)
    inner = env.unwrapped
    initial = [float(value) for value in inner.state]
    observations = [float(value) for value in inner.state.astype("float32")]
    episode = {"initial": {"state": initial}, "initialObservations": [observations], "steps": []}
    while True:
        action = choose(policy, inner.state, rng)
        observation, reward, terminated, truncated, _ = env.step(action)
        episode["steps"].append(
            {
                "actions": [action],
                "rewards": [float(reward)],
                "observations": [[float(value) for value in observation]],
                "terminated": bool(terminated),
                # The original sets both flags where the pole falls in the very step of the limit; here they exclude each other.
                "truncated": bool(truncated) and not terminated,
                "state": {"state": [float(value) for value in inner.state]},
            }
        )
        if terminated or truncated:
            return episode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the first episode; the next ones count on")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--policy", choices=["random", "balance", "noisy"], default="noisy")
    parser.add_argument("--max-steps", type=int, default=500)
    parser.add_argument("--out", required=True, help="such as fresh.trace.json")
    given = parser.parse_args()
    env = gymnasium.make("CartPole-v1", max_episode_steps=given.max_steps)
    episodes = [record(env, given.seed + k, given.policy) for k in range(given.episodes)]
    if not all(math.isfinite(value) for e in episodes for s in e["steps"] for value in s["state"]["state"]):
        raise SystemExit("a state isn't finite; JSON can't hold it")
    trace = {
        "format": "cadre-trace/1",
        "env": "cart-pole",
        "config": {"maxSteps": given.max_steps},
        "source": f"gymnasium {gymnasium.__version__}, CartPole-v1, seeds {given.seed}.. , policy {given.policy}",
        "tolerance": 1e-6,
        "episodes": episodes,
    }
    with open(given.out, "w", encoding="utf-8") as file:
        json.dump(trace, file)
    print(f"{given.out}: {len(episodes)} episodes, {sum(len(e['steps']) for e in episodes)} steps")


if __name__ == "__main__":
    main()

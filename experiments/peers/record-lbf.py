"""Records traces of level-based foraging (lbforaging), for `cadre verify`.

    python -m venv /tmp/peers && /tmp/peers/bin/pip install lbforaging
    /tmp/peers/bin/python experiments/peers/record-lbf.py --size 12 --agents 4 --food 4 --sight 2 --seed 7 --out fresh.trace.json
    cadre verify fresh.trace.json

The environment's own `reset` and `step` are recorded. Half of the actions are random, the others walk to the nearest food and load,
so that food is loaded, alone and together, and agents get in each other's way.
"""

import argparse
import json
import random
from importlib.metadata import version

from lbforaging.foraging import ForagingEnv

NONE, NORTH, SOUTH, WEST, EAST, LOAD = range(6)


def make(given):
    return ForagingEnv(
        players=given.agents,
        min_player_level=given.min_level,
        max_player_level=given.max_level,
        min_food_level=1,
        max_food_level=None,
        field_size=(given.size, given.size),
        max_num_food=given.food,
        sight=given.sight,
        max_episode_steps=given.max_steps,
        force_coop=given.cooperative,
        normalize_reward=not given.plain_reward,
        penalty=given.penalty,
    )


def agents_of(env):
    return [{"row": int(p.position[0]), "col": int(p.position[1]), "level": int(p.level)} for p in env.players]


def food_of(env):
    return [{"row": int(r), "col": int(c), "level": int(env.field[r, c])} for r, c in zip(*env.field.nonzero())]


def choose(env, player, greed, rng):
    row, col = player.position
    if rng.random() >= greed:
        return rng.randrange(6)
    food = list(zip(*env.field.nonzero()))
    if not food:
        return NONE
    to_row, to_col = min(food, key=lambda at: abs(at[0] - row) + abs(at[1] - col))
    if abs(to_row - row) + abs(to_col - col) == 1:
        return LOAD
    steps = []
    if to_row != row:
        steps.append(SOUTH if to_row > row else NORTH)
    if to_col != col:
        steps.append(EAST if to_col > col else WEST)
    return rng.choice(steps)


def numbers(observations):
    return [[float(value) for value in observation] for observation in observations]


def record(env, seed, greed):
    rng = random.Random(seed)
    observations, _ = env.reset(seed=seed)
    episode = {
        "initial": {"agents": agents_of(env), "food": food_of(env)},
        "initialObservations": numbers(observations),
        "steps": [],
    }
    while True:
        actions = [choose(env, player, greed, rng) for player in env.players]
        observations, rewards, terminated, truncated, _ = env.step(actions)
        episode["steps"].append(
            {
                "actions": actions,
                "rewards": [float(reward) for reward in rewards],
                "observations": numbers(observations),
                "terminated": bool(terminated),
                "truncated": bool(truncated),
                "state": {"agents": agents_of(env), "food": food_of(env)},
            }
        )
        if terminated or truncated:
            return episode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=8, help="rows, and columns, of the grid")
    parser.add_argument("--agents", type=int, default=2)
    parser.add_argument("--food", type=int, default=2)
    parser.add_argument("--cooperative", action="store_true", help="all food needs the three lowest agents together")
    parser.add_argument("--sight", type=int, help="default: all of the grid")
    parser.add_argument("--min-level", type=int, default=1, help="lowest level of an agent")
    parser.add_argument("--max-level", type=int, default=2, help="highest level of an agent")
    parser.add_argument("--penalty", type=float, default=0.0)
    parser.add_argument("--plain-reward", action="store_true", help="level * food level, not normalised")
    parser.add_argument("--max-steps", type=int, default=50)
    parser.add_argument("--greed", type=float, default=0.5, help="share of actions that go for food")
    parser.add_argument("--seed", type=int, default=0, help="of the first episode; the next ones count on")
    parser.add_argument("--episodes", type=int, default=20)
    parser.add_argument("--out", required=True, help="such as fresh.trace.json")
    given = parser.parse_args()
    if given.sight is None:
        given.sight = given.size
    env = make(given)
    episodes = [record(env, given.seed + k, given.greed) for k in range(given.episodes)]
    trace = {
        "format": "cadre-trace/1",
        "env": "lbf",
        "config": {
            "gridSize": given.size,
            "numAgents": given.agents,
            "numFood": given.food,
            "cooperative": given.cooperative,
            "sight": given.sight,
            "minAgentLevel": given.min_level,
            "maxAgentLevel": given.max_level,
            "normalizeReward": not given.plain_reward,
            "penalty": given.penalty,
            "maxSteps": given.max_steps,
        },
        "source": f"lbforaging {version('lbforaging')}, seeds {given.seed}.. , greed {given.greed}",
        "tolerance": 1e-6,
        "episodes": episodes,
    }
    with open(given.out, "w", encoding="utf-8") as file:
        json.dump(trace, file)
    loaded = sum(1 for e in episodes for s in e["steps"] if any(reward > 0 for reward in s["rewards"]))
    steps = sum(len(e["steps"]) for e in episodes)
    shared = sum(
        1 for e in episodes for s in e["steps"] if len({(a["row"], a["col"]) for a in s["state"]["agents"]}) < given.agents
    )
    print(f"{given.out}: {len(episodes)} episodes, {steps} steps, {loaded} with food loaded, {shared} with a shared cell")


if __name__ == "__main__":
    main()

"""Solves a stored problem with mdpsolver, pymdptoolbox or quantecon each time a line comes in, for planning-speed.mjs.

    python planning-peers.py mdpsolver|toolbox|quantecon FOLDER DISCOUNT

A line is {"epsilon", "threads", "settings"}; the answer is one line of JSON, the values go to a file. The folder holds meta.json and raw
arrays: rowStart i32, successor i32, probability f64, reward f64, terminal u8.
"""

import gc
import json
import resource
import sys
import time

import numpy as np


def rss(field="VmRSS"):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024


library, folder, discount = sys.argv[1], sys.argv[2], float(sys.argv[3])
if library == "mdpsolver":
    import ctypes

    import mdpsolver

    openmp = ctypes.CDLL(next(line.split()[-1] for line in open("/proc/self/maps") if "libgomp" in line))
elif library == "quantecon":
    import scipy.sparse
    from quantecon.markov import DiscreteDP
else:
    import mdptoolbox.mdp
    import mdptoolbox.util

    # Its check compares every pair of states, minutes for 10,000 of them: left out, to its advantage.
    mdptoolbox.util.check = lambda *_: None
    import scipy.sparse

baseline = rss()
began = time.perf_counter()
with open(f"{folder}/meta.json") as file:
    meta = json.load(file)
states, actions = meta["numStates"], meta["numActions"]
row_start = np.fromfile(f"{folder}/rowStart", np.int32)
successor = np.fromfile(f"{folder}/successor", np.int32)
probability = np.fromfile(f"{folder}/probability", np.float64)
reward = np.fromfile(f"{folder}/reward", np.float64).reshape(states, actions)
terminal = np.fromfile(f"{folder}/terminal", np.uint8)


def as_lists():
    """Rows as mdpsolver takes them; an ended episode goes round at reward 0."""
    columns, chances = successor.tolist(), probability.tolist()
    starts = row_start.tolist()
    all_columns, all_chances = [], []
    for s in range(states):
        if terminal[s]:
            all_columns.append([[s]] * actions)
            all_chances.append([[1.0]] * actions)
            continue
        cuts = starts[s * actions : (s + 1) * actions + 1]
        all_columns.append([columns[cuts[a] : cuts[a + 1]] for a in range(actions)])
        all_chances.append([chances[cuts[a] : cuts[a + 1]] for a in range(actions)])
    return all_chances, all_columns


def as_matrices():
    """One sparse matrix an action, as pymdptoolbox takes them."""
    lengths = np.diff(row_start).reshape(states, actions)
    state_of = np.repeat(np.arange(states), lengths.sum(axis=1))
    action_of = np.repeat(np.tile(np.arange(actions), states), lengths.ravel())
    ends = np.flatnonzero(terminal)
    matrices = []
    for a in range(actions):
        mine = action_of == a
        rows = np.concatenate([state_of[mine], ends])
        columns = np.concatenate([successor[mine], ends])
        chances = np.concatenate([probability[mine], np.ones(len(ends))])
        matrices.append(scipy.sparse.csr_matrix((chances, (rows, columns)), shape=(states, states)))
    return matrices


def as_pairs():
    """State-action pairs in one sparse matrix, as quantecon takes them; an ended episode goes round at reward 0."""
    lengths = np.diff(row_start)
    ended = np.repeat(terminal.astype(bool), actions)
    kept = np.repeat(~ended, lengths)
    pair = np.repeat(np.arange(states * actions), lengths)[kept]
    rows = np.concatenate([pair, np.flatnonzero(ended)])
    columns = np.concatenate([successor[kept], np.repeat(np.flatnonzero(terminal), actions)])
    chances = np.concatenate([probability[kept], np.ones(int(ended.sum()))])
    matrix = scipy.sparse.csr_matrix((chances, (rows, columns)), shape=(states * actions, states))
    state_of, action_of = np.repeat(np.arange(states), actions), np.tile(np.arange(actions), states)
    return DiscreteDP(np.where(ended, 0.0, reward.ravel()), matrix, discount, state_of, action_of)


if library == "quantecon":
    pairs = as_pairs()
    # Its loops are compiled when they first run; that is no part of a solve.
    DiscreteDP(np.zeros(2), scipy.sparse.csr_matrix(np.eye(2)), discount, [0, 1], [0, 0]).solve(
        method="modified_policy_iteration"
    )
    pairs.solve(method="modified_policy_iteration", epsilon=1e3)
elif library == "mdpsolver":
    chances, columns = as_lists()
    model = mdpsolver.model()
    model.mdp(discount=discount, rewards=reward.tolist(), tranMatProbs=chances, tranMatColumns=columns)
    del chances, columns, row_start, successor, probability
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
else:
    matrices = as_matrices()

print(json.dumps({"building": time.perf_counter() - began, "held": rss() - baseline}), flush=True)


def solve_mdpsolver(epsilon, threads, settings):
    openmp.omp_set_num_threads(threads)
    # A second call would go on from the first one's answer: its own beginning is handed to it each time.
    best = reward.max(axis=1)
    start = {
        "initPolicy": reward.argmax(axis=1).tolist(),
        "initValueVector": (best + discount / (1 - discount) * best.min()).tolist(),
    }
    model.solve(tolerance=epsilon, parallel=threads > 1, makeFinalCheck=False, **start, **settings)
    return model.getRuntime() / 1000, np.array(model.getValueVector()), None


def solve_toolbox(epsilon, threads, settings):
    kind = getattr(mdptoolbox.mdp, settings["algorithm"])
    problem = kind(matrices, reward, discount, epsilon=epsilon, **settings.get("options", {}))
    start = time.perf_counter()
    problem.run()
    return time.perf_counter() - start, np.array(problem.V), problem.iter


def solve_quantecon(epsilon, threads, settings):
    # Its span criterion is that of the others: a policy within epsilon of optimal.
    method = settings.get("algorithm", "modified_policy_iteration")
    start = time.perf_counter()
    result = pairs.solve(method=method, epsilon=epsilon)
    return time.perf_counter() - start, np.array(result.v), int(result.num_iter)


solve = {"mdpsolver": solve_mdpsolver, "toolbox": solve_toolbox, "quantecon": solve_quantecon}[library]
for line in sys.stdin:
    order = json.loads(line)
    cpu = time.process_time()
    seconds, value, iterations = solve(order["epsilon"], order["threads"], order["settings"])
    cpu = time.process_time() - cpu
    value.astype(np.float64).tofile(f"{folder}/value.{library}")
    print(json.dumps({"seconds": seconds, "cpu": cpu, "iterations": iterations, "peak": rss("VmHWM") - baseline}), flush=True)

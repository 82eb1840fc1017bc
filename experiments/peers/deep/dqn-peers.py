"""The peers of dqn-step.mjs: PyTorch eager (with the plain and the fused Adam) or jax.jit, one thread. Reads tasks as dqn-ours.mjs does.

    dqn-peers.py torch|torch-fused|jax PROBLEMS.json
"""
import json
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
kind, file = sys.argv[1:]
with open(file) as given:
    document = json.load(given)
problems = {one["batch"]: one for one in document["problems"]}
sizes, adam = document["sizes"], document["adam"]
import numpy as np


def arrays(numbers):
    shapes = [shape for k in range(len(sizes) - 1) for shape in ([sizes[k], sizes[k + 1]], [sizes[k + 1]])]
    return [np.array(one, dtype=np.float32).reshape(shape) for one, shape in zip(numbers, shapes)]


def fields(one):
    rows = {name: np.array(one[name], dtype=np.float32).reshape(-1, sizes[0]) for name in ("observation", "next")}
    floats = {name: np.array(one[name], dtype=np.float32) for name in ("reward", "discount")}
    return {**rows, **floats, "action": np.array(one["action"], dtype=np.int32)}


class Torch:
    def __init__(self, one, fused):
        import torch

        self.torch, self.one, self.fused = torch, one, fused
        torch.set_num_threads(1)
        self.batch = {name: torch.from_numpy(value) for name, value in fields(one).items()}
        self.batch["action"] = self.batch["action"].long()[:, None]
        self.start()

    def network(self, numbers):
        torch = self.torch
        layers = []
        for k in range(len(sizes) - 1):
            layer = torch.nn.Linear(sizes[k], sizes[k + 1])
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(numbers[2 * k].T.copy()))
                layer.bias.copy_(torch.from_numpy(numbers[2 * k + 1]))
            layers += [layer, torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1])

    def start(self):
        self.online, self.target = self.network(arrays(self.one["parameters"])), self.network(arrays(self.one["target"]))
        self.optimizer = self.torch.optim.Adam(
            self.online.parameters(), lr=adam["rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], fused=self.fused or None
        )

    def step(self):
        torch, batch = self.torch, self.batch
        values = self.online(batch["observation"]).gather(1, batch["action"])[:, 0]
        with torch.no_grad():
            target = batch["reward"] + batch["discount"] * self.target(batch["next"]).max(1).values
        loss = torch.nn.functional.huber_loss(values, target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def finish(self):
        pass

    def parameters(self):
        return [one.detach().numpy().T.ravel().tolist() for one in self.online.parameters()]

    def act(self, observation):
        with self.torch.inference_mode():
            return self.online(self.torch.from_numpy(observation)).argmax(1).item()


class Jax:
    def __init__(self, one):
        import jax
        import jax.numpy as jnp

        self.jax, self.jnp, self.one = jax, jnp, one
        b1, b2 = adam["beta1"], adam["beta2"]

        def network(parameters, x):
            for k in range(0, len(parameters), 2):
                x = x @ parameters[k] + parameters[k + 1]
                x = jax.nn.relu(x) if k + 2 < len(parameters) else x
            return x

        def loss(parameters, target, batch):
            values = jnp.take_along_axis(network(parameters, batch["observation"]), batch["action"][:, None], 1)[:, 0]
            wanted = batch["reward"] + batch["discount"] * network(target, batch["next"]).max(1)
            error = values - jax.lax.stop_gradient(wanted)
            size = jnp.abs(error)
            return jnp.where(size <= 1, error * error / 2, size - 0.5).mean()

        def step(state, target, batch):
            parameters, first, second, t = state
            t = t + 1
            g = jax.grad(loss)(parameters, target, batch)
            first = [b1 * m + (1 - b1) * d for m, d in zip(first, g)]
            second = [b2 * v + (1 - b2) * d * d for v, d in zip(second, g)]
            c1, c2 = 1 - b1**t, 1 - b2**t
            moved = [
                x - adam["rate"] * (m / c1) / (jnp.sqrt(v / c2) + adam["epsilon"]) for x, m, v in zip(parameters, first, second)
            ]
            return moved, first, second, t

        self.jitted = jax.jit(step, donate_argnums=0)
        self.choose = jax.jit(lambda parameters, x: jnp.argmax(network(parameters, x), 1))
        self.batch = {name: jnp.asarray(value) for name, value in fields(one).items()}
        self.target = [jnp.asarray(x) for x in arrays(one["target"])]
        self.start()

    def start(self):
        parameters = [self.jnp.asarray(x) for x in arrays(self.one["parameters"])]
        zeros = [[self.jnp.zeros_like(x) for x in parameters] for _ in range(2)]
        self.state = (parameters, *zeros, self.jnp.float32(0))

    def step(self):
        self.state = self.jitted(self.state, self.target, self.batch)

    def finish(self):
        self.jax.block_until_ready(self.state)

    def parameters(self):
        return [np.asarray(x).ravel().tolist() for x in self.state[0]]

    def act(self, observation):
        return int(self.choose(self.state[0], observation)[0])


made = {}


def of(batch):
    if batch not in made:
        one = problems[batch]
        made[batch] = Jax(one) if kind == "jax" else Torch(one, kind == "torch-fused")
        for _ in range(20):
            made[batch].step()
        made[batch].finish()
    return made[batch]




def answer(task):
    one = of(task.get("batch", 1))
    if task["task"] == "check":
        one.start()
        for _ in range(100):
            one.step()
        one.finish()
        return {"parameters": one.parameters()}
    observation = fields(one.one)["observation"]
    cpu, wall = time.process_time(), time.perf_counter()
    for k in range(task["steps"]):
        if task["task"] == "step":
            one.step()
        else:
            observation[0, 0] = k / 1000
            one.act(observation)
    one.finish()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": 1e6 * cpu / task["steps"], "wall": 1e6 * wall / task["steps"]}


print("{}", flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

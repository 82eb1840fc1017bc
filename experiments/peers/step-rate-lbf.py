"""Steps of lbforaging's original a second of processor time, for lbf-step-rate.mjs: random actions, resets included.

    python step-rate-lbf.py STEPS
"""

import random
import sys
import time

from lbforaging.foraging import ForagingEnv

steps = int(sys.argv[1])
env = ForagingEnv(
    players=2,
    min_player_level=1,
    max_player_level=2,
    min_food_level=1,
    max_food_level=None,
    field_size=(8, 8),
    max_num_food=2,
    sight=8,
    max_episode_steps=50,
    force_coop=True,
)
rng = random.Random(1)
actions = [[rng.randrange(6), rng.randrange(6)] for _ in range(64)]
env.reset(seed=1)
began = time.process_time()
for k in range(steps):
    if env.step(actions[k % 64])[2]:
        env.reset()
print(steps / (time.process_time() - began))

"""One line for Scripts/bench.sh: the network's name, median ms of a training step, images embedded a second,
peak memory in MB."""
import resource, statistics, sys, time
import torch
from torch import nn

torch.set_num_threads(2)

def recipe():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(.25),
        nn.Conv2d(6, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(.25),
        nn.Flatten(), nn.Linear(3888, 128), nn.ReLU(), nn.Dropout(.1), nn.Linear(128, 50), nn.ReLU())

def conv4(width=64):
    layers, channels = [], 1
    for _ in range(4):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers, nn.Flatten())

def koch():
    return nn.Sequential(
        nn.Conv2d(1, 64, 10), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(64, 128, 7), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(128, 128, 4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(128, 256, 4), nn.ReLU(),
        nn.Flatten(), nn.Linear(9216, 4096), nn.Sigmoid())

def glyphs(norm):
    def block(a, b):
        return [nn.Conv2d(a, b, 3)] + ([nn.BatchNorm2d(b)] if norm else []) + [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*block(1, 16), *block(16, 32), nn.Flatten(), nn.Linear(800, 64))

class Normalize(nn.Module):
    def forward(self, x): return nn.functional.normalize(x)

def faces():
    def block(a, b): return [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*block(1, 32), *block(32, 64), *block(64, 64), nn.Flatten(), nn.Linear(64 * 7 * 5, 128), Normalize())

name = sys.argv[1]
net, shape, pairs, steps = {"glyphs-28": (glyphs(False), (1, 28, 28), 128, 30), "glyphs-norm": (glyphs(True), (1, 28, 28), 128, 30),
                            "faces-56": (faces(), (1, 56, 46), 64, 10),
                            "recipe-80": (recipe(), (1, 80, 80), 128, 20), "conv4-28": (conv4(), (1, 28, 28), 128, 10),
                            "koch-105": (koch(), (1, 105, 105), 16, 4)}[name]
optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3, alpha=.9, eps=1e-7)
a, b = torch.rand(pairs, *shape), torch.rand(pairs, *shape)
same = (torch.rand(pairs, 1) > .5).float()

def step():
    optimizer.zero_grad()
    d = (net(a) - net(b)).pow(2).sum(1, keepdim=True).clamp_min(1e-7).sqrt()
    loss = (same * d * d + (1 - same) * (1 - d).clamp_min(0).pow(2)).mean()
    loss.backward()
    optimizer.step()

def timed(work, count):
    times = []
    for _ in range(count):
        t = time.perf_counter(); work(); times.append(time.perf_counter() - t)
    return statistics.median(times)

for _ in range(2): step()
training = timed(step, steps)
net.eval()
with torch.no_grad():
    x = torch.rand(256, *shape)
    net(x)
    forward = timed(lambda: net(x), 5)
print("BENCH", name, training * 1e3, 256 / forward, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

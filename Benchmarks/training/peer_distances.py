"""For Scripts/bench.sh: all pairs' distances of 10,000 embeddings of 64, told apart by class and sorted, in PyTorch:
milliseconds and peak MB; and the same product by OpenBLAS's or MKL's matrix product alone, in milliseconds."""
import resource, statistics, time
import torch

torch.set_num_threads(2)
torch.manual_seed(1)
count, width = 10000, 64
labels = torch.arange(count) % 500
x = torch.rand(500, width)[labels] + .5 * torch.rand(count, width)
first, second = torch.triu_indices(count, count, 1)
same = labels[first] == labels[second]
del first, second

def work():
    d = torch.pdist(x)
    return d[same].sort().values, d[~same].sort().values

def timed(work, count):
    times = []
    for _ in range(count):
        t = time.perf_counter(); work(); times.append(time.perf_counter() - t)
    return statistics.median(times) * 1e3

a, b = work()
assert len(a) == 500 * 190 and len(b) == count * (count - 1) // 2 - 500 * 190
print("BENCH distances", timed(work, 3), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, timed(lambda: x @ x.T, 5))

"""pytorch-metric-learning's figures for miners and for the cross-batch memory: python3 Tests/References/metric_learning.py > Tests/References/metric_learning.txt (pytorch-metric-learning 2.9.0, torch 2.13.0).

Each line: name, shape, numbers. Embeddings are ((a·i + 3) mod 97 − 48) / 4 + 0.125 for i = 0, 1, …, scaled to length 1.
A miner's choice is 1 where a row's anchor has the column as a positive, -1 as a negative, 0 as neither.
"""
import torch
import torch.nn.functional as F
from pytorch_metric_learning import losses, miners
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

LABELS = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 0, 2])


def numbers(count, factor):
    i = torch.arange(count)
    return ((factor * i + 3) % 97 - 48).float() / 4 + 0.125


def rows(factor, count=10, width=5):
    return F.normalize(numbers(count * width, factor).reshape(count, width))


def show(name, value):
    value = value.detach()
    print(name, ",".join(map(str, value.shape)) or "-", *(f"{v:.9g}" for v in value.ravel().tolist()))


MINERS = {
    "hard": miners.BatchHardMiner(),
    "multisimilarity": miners.MultiSimilarityMiner(epsilon=0.1),
    "angular": miners.AngularMiner(angle=35),
}
LOSSES = {
    "supcon": losses.SupConLoss(temperature=0.2),
    "multisimilarity": losses.MultiSimilarityLoss(alpha=2, beta=20, base=0.5),
    "circle": losses.CircleLoss(m=0.25, gamma=8),
}
for name, miner in MINERS.items():
    x = rows(11)
    chosen = lmu.convert_to_pairs(miner(x, LABELS), LABELS)
    mask = torch.zeros(10, 10)
    mask[chosen[0], chosen[1]] = 1
    mask[chosen[2], chosen[3]] = -1
    show(f"{name}.chosen", mask)
    for other, loss in LOSSES.items():
        x = rows(11).requires_grad_()
        value = loss(x, LABELS, miner(x, LABELS))
        value.backward()
        show(f"{name}.{other}.loss", value)
        show(f"{name}.{other}.dx", x.grad)

# Classes of four, three, two and one. Here each anchor with a positive counts once: the library's loss of each such
# anchor's pairs alone, and the mean of these. All at once, it counts each pair of ntxent once, and in multisimilarity the
# anchor without a positive, too.
UNBALANCED = torch.tensor([0, 0, 1, 0, 1, 2, 0, 1, 2, 3])
for name, loss in [("ntxent", losses.NTXentLoss(temperature=0.2)), ("multisimilarity", LOSSES["multisimilarity"])]:
    x = rows(11).requires_grad_()
    a1, p, a2, n = lmu.get_all_pairs_indices(UNBALANCED)
    parts = []
    for anchor in a1.unique():
        near, far = a1 == anchor, a2 == anchor
        part = loss(x, UNBALANCED, (a1[near], p[near], a2[far], n[far]))
        # The mean over all rows, of which this one alone has pairs.
        parts.append(part * 10 if name == "multisimilarity" else part)
    value = torch.stack(parts).mean()
    value.backward()
    show(f"unbalanced.{name}.loss", value)
    show(f"unbalanced.{name}.dx", x.grad)
    show(f"unbalanced.{name}.theirs", loss(rows(11), UNBALANCED))

# Four batches of ten against the twelve embeddings before each, which are constants. The library's memory counts the batch
# itself, and takes its rows as constants where they are compared with: the value is its; the gradient is that of the same
# loss over the same pairs with the batch's rows in both places.
for name, miner in [("all", None), ("multisimilarity", MINERS["multisimilarity"])]:
    for other, loss in LOSSES.items():
        theirs = losses.CrossBatchMemory(loss, embedding_size=5, memory_size=22, miner=miner)
        memory, classes = torch.zeros(0, 5), torch.zeros(0, dtype=torch.long)
        for step, factor in enumerate([11, 13, 23, 37]):
            x = rows(factor).requires_grad_()
            labels = LABELS.roll(step)
            everything, all_labels = torch.cat([x, memory]), torch.cat([labels, classes])
            same = labels[:, None] == all_labels[None, :]
            near, far = same & ~torch.eye(10, len(everything), dtype=torch.bool), ~same
            if miner is not None:
                mat = x @ everything.T
                lowest = torch.where(near, mat, torch.inf).amin(dim=1, keepdim=True)
                highest = torch.where(far, mat, -torch.inf).amax(dim=1, keepdim=True)
                near, far = near & (mat - 0.1 < highest), far & (mat + 0.1 > lowest)
            value = loss(x, labels, (*torch.where(near), *torch.where(far)), everything, all_labels)
            library = theirs(rows(factor), labels)
            assert abs(value.item() - library.item()) < 1e-5, (name, other, step, value, library)
            value.backward()
            show(f"crossbatch.{name}.{other}.{step}.loss", value)
            show(f"crossbatch.{name}.{other}.{step}.dx", x.grad)
            memory = torch.cat([memory, x.detach()])[-12:]
            classes = torch.cat([classes, labels])[-12:]

# Relational knowledge distillation (Park, Kim, Lu and Cho 2019): means over the pairs of two and the triples of three
# different items, where the authors' code divides by all n² and n³.
def relations(x):
    differences = x[None, :, :] - x[:, None, :]
    n = len(x)
    off = ~torch.eye(n, dtype=torch.bool)
    distances = differences[off].norm(dim=1)
    unit = F.normalize(differences, dim=2)
    cosines = unit @ unit.transpose(1, 2)
    apart = off[:, :, None] & off[:, None, :] & off[None, :, :]
    return distances / distances.mean(), cosines[apart]


teacher = numbers(60, 13).reshape(10, 6)
for place, name in enumerate(["distances", "angles"]):
    x = rows(11).requires_grad_()
    value = F.smooth_l1_loss(relations(x)[place], relations(teacher)[place])
    value.backward()
    show(f"distill.{name}.loss", value)
    show(f"distill.{name}.dx", x.grad)
x = rows(11).requires_grad_()
value = F.mse_loss(x, rows(13))
value.backward()
show("distill.embeddings.loss", value)
show("distill.embeddings.dx", x.grad)

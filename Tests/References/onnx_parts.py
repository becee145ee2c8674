"""Makes a small graph of the operators that later versions of ONNX have, and what onnxruntime makes of it:
Tests/References/files/onnx-parts.onnx and onnx-parts.txt. Run with the Python of Scripts/judge-networks.sh (.build/peers-networks):
onnx_parts.py. All weights are whole eighths, so that the files stay the same.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

target = Path(__file__).parent / "files"
rng = np.random.default_rng(1)
arrays, nodes = [], []


def constant(name, values):
    arrays.append(numpy_helper.from_array(np.asarray(values), name))
    return name


def whole(name, *values):
    return constant(name, np.array(values, np.int64))


def eighths(name, *shape):
    return constant(name, (rng.integers(-8, 9, shape) / 8).astype(np.float32))


def node(op, inputs, outputs, **attributes):
    nodes.append(helper.make_node(op, inputs, outputs, **attributes))


node("ConvTranspose", ["x", eighths("k", 4, 3, 2, 2)], ["a"], strides=[2, 2], pads=[1, 0, 0, 1], output_padding=[0, 1], group=2)
node("GroupNormalization", ["a", eighths("gs", 6), eighths("gb", 6)], ["b"], num_groups=3)
node("Gelu", ["b"], ["d"], approximate="tanh")
node("Split", ["d", whole("sp", 2, 4)], ["e", "g"], axis=1)
node("Slice", ["g", whole("s0", -1, 1), whole("s1", -9, 9), whole("s2", 1, 3), whole("s3", -2, 2)], ["u"])
node("Resize", ["e", "", constant("sc", np.array([1, 1, 1.25, 0.7], np.float32))], ["v"], mode="cubic",
     coordinate_transformation_mode="half_pixel")
node("LayerNormalization", ["v", eighths("ls", 8), eighths("lb", 8)], ["w"], axis=-1)
node("MatMul", ["w", eighths("mm", 8, 3)], ["m"])
node("Tile", ["u", whole("t", 1, 1, 1, 2)], ["p"])
node("Gather", ["p", whole("gi", 5, 3, 1)], ["q"], axis=2)
node("Flatten", ["m"], ["m2"])
node("Flatten", ["q"], ["q2"])
node("Concat", ["m2", "q2"], ["z"], axis=1)
node("Mish", ["z"], ["y1"])
node("Celu", ["y1"], ["y2"], alpha=0.5)
node("Selu", ["y2"], ["y3"])
node("Erf", ["y3"], ["y4"])
node("Max", ["y4", "y1"], ["y"])
graph = helper.make_graph(
    nodes, "parts", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4, 6, 6])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], arrays)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
onnx.save(model, target / "onnx-parts.onnx")
x = (rng.integers(0, 256, (2, 4, 6, 6)) / 256).astype(np.float32)
session = onnxruntime.InferenceSession(target / "onnx-parts.onnx")
y = session.run(None, {"x": x})[0]
lines = [" ".join(f"{v:.8g}" for v in part.ravel()) for part in (x, y)]
(target / "onnx-parts.txt").write_text("\n".join(lines) + "\n")
print(y.shape)

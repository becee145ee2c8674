import Interpreter
import MetricLearning
import NeuralNetworks

extension StandardLibrary {
  /// The type that a builtin always gives, for completion behind a call that has not been run: `glyphs(4, 3).`; nil where
  /// it depends on what it is given. A test asks every example whether this is so.
  public static func resultType(of entry: Builtin) -> String? {
    entry.variants.isEmpty ? resultTypes[entry.qualifiedName] : nil
  }

  /// By qualified name. Numbers, bools and none are left out: they have no members.
  static let resultTypes: [String: String] = {
    var types: [String: String] = [:]
    for layer in Layer.declarations where layer.function == nil { types[layer.declaration.name] = "layer" }
    for loss in EmbeddingLoss.declarations { types[loss.name] = "loss" }
    for (type, names) in namesByResult {
      for name in names.split(whereSeparator: \.isWhitespace) { types[String(name)] = type }
    }
    return types
  }()

  private static let namesByResult: [(type: String, names: String)] = [
    (
      "dataset",
      """
      images glyphs fetch dataset.align dataset.augment dataset.crop dataset.filter dataset.gray dataset.group dataset.halve
      dataset.invert dataset.normalise dataset.mirrors dataset.resize dataset.rotations dataset.shuffle dataset.take
      """
    ),
    ("image", "image image.crop image.flip image.gray image.halve image.invert image.resize"),
    (
      "tensor",
      """
      arange argsort cdist cholesky concat cumprod cumsum diff eye full inverse linspace loadtxt onehot ones outer
      permutation pinv rand randn reshape setitem softmax solve stack tensor transpose zeros tensor.T tensor.flatten
      dataset.tensor image.tensor confusion.matrix distances.same distances.different
      """
    ),
    ("pairs", "pairs"),
    ("batches", "pairs.batches dataset.batches"),
    ("network", "conv4 koch recipe resnet whiten network.copy trainer.network sweep.network"),
    ("optimizer", "adam adamw rmsprop sgd"),
    ("schedule", "cosine onecycle stepdecay warmup"),
    ("trainer", "trainer trainer.run trainer.resume sweep.trainer"),
    ("sweep", "sweep"),
    ("audit", "audit"),
    ("confusion", "confusion"),
    ("distances", "distances report.distances"),
    ("episodes", "episodes"),
    ("identification", "identification"),
    ("report", "report"),
    ("retrieval", "retrieval"),
    ("verification", "verification"),
    ("runs", "oneshotruns"),
    ("gallery", "gallery"),
    ("matches", "gallery.query"),
    ("answer", "gallery.identify gallery.verify"),
    ("figure", "plot histogram scatter montage curve bars heatmap subplots"),
    ("function", "grad"),
    (
      "list",
      """
      enumerate filter list map nonzero readcsv sorted topk unique zip divmod shape tensor.shape tensor.tolist list.copy list.filter list.map
      string.lines string.partition string.rsplit string.split string.splitlines record.items record.keys record.values
      dataset.broken dataset.classes dataset.groups dataset.labels dataset.shape dataset.split image.shape network.layers
      pairs.split audit.findings confusion.classes figure.edges gallery.labels
      gallery.odd args audit.alike audit.identical distances.roc report.episodes runs.interval
      """
    ),
    ("summary", "network.summary"),
    ("record", "record.copy record.merge trainer.history"),
    (
      "string",
      """
      chr readtext str type list.join dataset.name string.capitalize string.center string.join string.ljust
      string.lower string.lstrip string.removeprefix string.removesuffix string.replace string.rjust string.rstrip
      string.strip string.swapcase string.title string.trim string.upper string.zfill
      """
    ),
  ]
}

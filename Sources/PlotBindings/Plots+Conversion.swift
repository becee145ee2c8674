import CoreLibrary
import Diagnostics
import Interpreter
import Plotting
import Tensors

/// Values of the language as what figures are made of.
enum PlotInput {
  /// All numbers of a list (nested or not), range, tensor of any shape, or one number.
  static func numbers(_ value: Value) throws -> [Double]? {
    if let numbers = value.asNumbers { return numbers }
    if let tensor = value.asTensor { return tensor.values.map(Double.init) }
    if let number = value.asNumber { return [number] }
    guard let items = value.asItems else { return nil }
    var numbers: [Double] = []
    for item in items {
      if item.asObject(HostObject.self) != nil || item.asText != nil { return nil }
      guard let more = try Self.numbers(item) else { return nil }
      numbers += more
    }
    return numbers
  }

  /// The numbers of one axis: a list, a range, a tensor of one axis, or a column.
  static func oneAxis(_ value: Value) -> [Double]? {
    if let numbers = value.asNumbers { return numbers }
    guard let tensor = value.asTensor, tensor.shape.count == 2, tensor.shape[1] == 1 else { return nil }
    return tensor.values.map(Double.init)
  }

  /// A curve over places of its own, where they are given.
  private static func curve(_ name: String, _ x: [Double]?, _ y: [Double]) throws -> LinePlot.Series {
    if let x, x.count != y.count {
      throw PlottingError.counts(kind: "plot", what: "y values", expected: x.count, got: y.count)
    }
    return .init(name, x: x, y: y)
  }

  /// The curves that `plot` draws of a value; nil for what is none.
  static func series(_ value: Value, x: [Double]?) throws -> (series: [LinePlot.Series], xName: String?)? {
    if let record = value.asRecord {
      var x = x
      var xName: String?
      var series: [LinePlot.Series] = []
      for (name, field) in record.fields {
        guard let numbers = field.asNumbers else { return nil }
        if x == nil, name == "epoch" || name == "step" || name == "x" {
          (x, xName) = (numbers, name)
        } else {
          series.append(.init(name, x: nil, y: numbers))
        }
      }
      return (try series.map { try curve($0.name, x, $0.y) }, xName)
    }
    if let tensor = value.asTensor, tensor.shape.count == 2 {
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      let values = tensor.values
      return (
        try (0..<columns).map { column in
          try curve("column \(column)", x, (0..<rows).map { Double(values[$0 * columns + column]) })
        }, nil
      )
    }
    if let numbers = value.asNumbers { return ([try curve("value", x, numbers)], nil) }
    guard let items = value.asItems, let first = items.first else { return nil }
    if first.asRecord != nil { return try rows(items, x: x) }
    var series: [LinePlot.Series] = []
    for (index, item) in items.enumerated() {
      guard let numbers = item.asNumbers else { return nil }
      series.append(try curve("series \(index)", x, numbers))
    }
    return (series, nil)
  }

  /// A list of records, as a trainer's history: a curve for each field that holds numbers; gaps where it is missing.
  private static func rows(_ items: [Value], x: [Double]?) throws -> (series: [LinePlot.Series], xName: String?)? {
    var names: [String] = []
    for item in items {
      guard let record = item.asRecord else { return nil }
      for (name, value) in record.fields where value.asNumber != nil && !names.contains(name) { names.append(name) }
    }
    func column(_ name: String) -> [Double] { items.map { $0.asRecord?[name]?.asNumber ?? .nan } }
    let xName = x == nil ? names.first { $0 == "epoch" || $0 == "step" || $0 == "x" } : nil
    let x = x ?? xName.map(column)
    return (try names.filter { $0 != xName }.map { try curve($0, x, column($0)) }, xName)
  }

  /// A matrix, row after row.
  static func matrix(_ value: Value) throws -> (rows: Int, columns: Int, values: [Double])? {
    // A list's numbers are doubles: float32 would make 0 of 1e-300.
    if value.asTensor == nil, let numbers = value.asNumbers { return (1, numbers.count, numbers) }
    if value.asTensor == nil, let rows = value.asItems {
      let numbers = rows.compactMap { $0.asTensor == nil ? $0.asNumbers : nil }
      if let width = numbers.first?.count, numbers.count == rows.count, numbers.allSatisfy({ $0.count == width }) {
        return (rows.count, width, numbers.flatMap { $0 })
      }
    }
    guard let tensor = try value.convertedToTensor() else { return nil }
    switch tensor.shape.count {
    case 1: return (1, tensor.shape[0], tensor.values.map(Double.init))
    case 2: return (tensor.shape[0], tensor.shape[1], tensor.values.map(Double.init))
    default: return nil
    }
  }

  /// A list of words or numbers (or a tensor of numbers) as labels.
  static func labels(_ value: Value) -> [String]? {
    if let numbers = value.asNumbers { return numbers.map(formatNumber) }
    guard let items = value.asItems else { return nil }
    var labels: [String] = []
    for item in items {
      if let text = item.asText {
        labels.append(text)
      } else if let number = item.asNumber {
        labels.append(formatNumber(number))
      } else {
        return nil
      }
    }
    return labels
  }

  /// What keeps a value from being shown as curves, and the way out; nil where nothing more is to say than what it is.
  static func obstacle(_ value: Value) -> (got: String, help: String?)? {
    if let record = value.asRecord {
      guard let odd = record.fields.first(where: { $0.1.asNumbers == nil }) else { return nil }
      let areNumbers = record.fields.allSatisfy { $0.1.asNumber != nil }
      return (
        "a record whose field \(odd.0) is \(odd.1.inWords)",
        areNumbers ? "bars(x) shows a value for each name; a curve is a list" : nil
      )
    }
    guard let items = value.asItems, items.contains(where: { $0.asNumber != nil }),
      let place = items.firstIndex(where: { $0.asNumber == nil })
    else { return nil }
    let isGap = if case .none = items[place] { true } else { false }
    return (
      "\(value.inWords): item \(place) is \(items[place].inWords)", isGap ? "write nan where a value is missing" : nil
    )
  }

  /// How many pictures a value has without a limit; nil for what has none.
  static func tileCount(_ value: Value) -> Int? {
    if case .object(let object) = value { return (object as? any TileConvertible)?.tileCount }
    if let tensor = value.asTensor { return layout(tensor)?.count }
    guard let items = value.asItems else { return nil }
    var count = 0
    for item in items {
      guard let more = tileCount(item) else { return nil }
      count += more
    }
    return count
  }

  /// What to do with a tensor whose last axis seems to be that of the channels; nil for any other. Three axes of which the
  /// last is 1 may as well be narrow gray images.
  static func wayToTurn(_ value: Value) -> String? {
    guard let shape = value.asTensor?.shape, shape.count == 4 || shape.count == 3 && shape[2] == 3 else { return nil }
    return ChannelsLast.wayOut(shape)
  }

  /// The way out for what has no pictures to show.
  static func waysToPictures(_ value: Value) -> String? {
    if let way = wayToTurn(value) { return "this looks channels last: \(way)" }
    guard case .object(let object) = value else { return nil }
    switch object.typeName {
    case "pairs": return "montage(data[[p[0].first, p[0].second]]) shows the images of a pair of the dataset data"
    case "dataset": return "montage(x) shows its images, histogram(x.tensor) counts its pixels"
    case "image": return "montage(x) shows it, histogram(x.tensor) counts its pixels"
    default: return nil
    }
  }

  /// Pictures: of a dataset or image, a list of such, or a tensor [n, channels, h, w], [n, h, w] or [h, w].
  static func tiles(_ value: Value, limit: Int) throws -> [MontagePlot.Tile]? {
    if case .object(let object) = value { return try (object as? any TileConvertible)?.montageTiles(limit: limit) }
    if let tensor = value.asTensor { return tiles(tensor, limit: limit) }
    guard let items = value.asItems else { return nil }
    var result: [MontagePlot.Tile] = []
    for item in items {
      if result.count >= limit { break }
      guard let more = try tiles(item, limit: limit - result.count) else { return nil }
      result += more
    }
    return result
  }

  /// How many pictures of which size a tensor holds; nil where it holds none.
  private static func layout(_ tensor: Tensor) -> (count: Int, channels: Int, height: Int, width: Int)? {
    let shape = tensor.shape
    switch shape.count {
    case 2: return (1, 1, shape[0], shape[1])
    case 3 where shape[0] == 1 || shape[0] == 3: return (1, shape[0], shape[1], shape[2])
    case 3: return (shape[0], 1, shape[1], shape[2])
    case 4 where shape[1] == 1 || shape[1] == 3: return (shape[0], shape[1], shape[2], shape[3])
    default: return nil
    }
  }

  /// Values from 0 to 1 are taken as they are, others from their least to their greatest; what is not finite is black.
  private static func tiles(_ tensor: Tensor, limit: Int) -> [MontagePlot.Tile]? {
    guard let (count, channels, height, width) = layout(tensor) else { return nil }
    guard count > 0, height > 0, width > 0 else { return [] }
    let values = tensor.values
    let finite = values.lazy.filter(\.isFinite)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    let (start, span): (Float, Float) = low >= 0 && high <= 1 ? (0, 1) : (low, high > low ? high - low : 1)
    let area = height * width
    return (0..<min(count, limit)).map { index in
      var pixels = [UInt8](repeating: 0, count: area * channels)
      for channel in 0..<channels {
        let from = (index * channels + channel) * area
        for place in 0..<area {
          let value = (values[from + place] - start) / span * 255
          if value.isFinite { pixels[place * channels + channel] = UInt8(max(0, min(255, value.rounded()))) }
        }
      }
      return .init(width: width, height: height, channels: channels, pixels: pixels)
    }
  }
}

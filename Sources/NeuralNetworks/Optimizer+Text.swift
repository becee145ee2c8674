import Foundation

extension Optimizer {
  /// As it is written in Twin: `sgd(0.1, momentum=0.9)`.
  public var describe: String {
    var text = "\(name)(\(Self.words(rate))"
    if case .sgd(let momentum, let nesterov) = rule {
      if momentum != 0 { text += ", momentum=\(Self.words(momentum))" }
      if nesterov { text += ", nesterov=true" }
    }
    switch rule {
    case .sgd: break
    case .rmsprop(let keep, let epsilon, let outside):
      if keep != 0.9 { text += ", keep=\(Self.words(keep))" }
      if epsilon != 1e-7 { text += ", epsilon=\(Self.words(epsilon))" }
      if outside { text += ", form=\"pytorch\"" }
    case .adam(let beta1, let beta2, let epsilon):
      if beta1 != 0.9 { text += ", beta1=\(Self.words(beta1))" }
      if beta2 != 0.999 { text += ", beta2=\(Self.words(beta2))" }
      if epsilon != 1e-7 { text += ", epsilon=\(Self.words(epsilon))" }
    }
    if weightDecay != (decoupled ? 0.01 : 0) { text += ", decay=\(Self.words(weightDecay))" }
    if let clip { text += ", clip=\(Self.words(clip))" }
    if schedule != .constant { text += ", schedule=\(schedule.describe)" }
    return text + ")"
  }

  /// As it is, with a tenth of the rate to three digits, for advice.
  public var withTenthOfRate: Optimizer {
    var other = self
    other.rate = Double(String(format: "%.3g", rate / 10)) ?? rate / 10
    return other
  }

  static func words(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
  }
}

extension Schedule {
  /// As it is written in Twin: `cosine(1000)`.
  public var describe: String {
    switch self {
    case .constant: "constant"
    case .decay(let factor, let every): "stepdecay(\(Optimizer.words(factor)), \(every))"
    case .cosine(let steps, let floor):
      floor == 0 ? "cosine(\(steps))" : "cosine(\(steps), floor=\(Optimizer.words(floor)))"
    case .warmUp(let steps, let then):
      then == .constant ? "warmup(\(steps))" : "warmup(\(steps), \(then.describe))"
    case .oneCycle(let steps): "onecycle(\(steps))"
    }
  }
}

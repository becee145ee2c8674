import NeuralNetworks
import Ranks

/// What networks say of the batches of a training in which another learns from them.
extension Trainer {
  /// A plan for each teacher, over batches of as many images; ranks share them as they share the network's.
  ///
  /// - Throws: `teacherShape` for one that takes images of another shape.
  static func lessonPlans(
    _ loss: EmbeddingLoss, shape: [Int], batch: Int, ranks: Ranks?
  ) throws -> [(teacher: Teacher, plan: Plan)] {
    var plans: [(teacher: Teacher, plan: Plan)] = []
    for teacher in loss.teachers where !plans.contains(where: { $0.teacher == teacher }) {
      guard teacher.network.inputShape == shape else {
        throw MetricError.teacherShape(teacher: teacher.network.inputShape ?? [], images: shape)
      }
      plans.append((teacher, try Plan(teacher.network, batch: batch, training: false, ranks: ranks)))
    }
    return plans
  }

  /// What the teachers say of the images that the network's plan has before it.
  func lessons(items: Int) throws -> Lessons {
    var lessons = Lessons()
    for (teacher, teaching) in lessonPlans {
      plan.withInput { images in
        teaching.withInput { input in
          for k in input.indices { input[k] = images[k] }
        }
      }
      teaching.forward(items: items)
      try teaching.checkRanks()
      let width = teaching.outputShape.reduce(1, *)
      lessons.rows[teacher] = teaching.withOutput { output, _ in Array(output[..<(items * width)]) }
    }
    return lessons
  }

  /// What the teachers say of a source's images, all of them: [images, width] of each.
  func lessons(of source: any ImageSource, interrupted: @escaping () -> Bool) throws -> Lessons {
    var lessons = Lessons()
    for (teacher, _) in lessonPlans {
      lessons.rows[teacher] = try Embeddings.values(
        teacher.network, source, items: Array(0..<source.count), interrupted: interrupted)
    }
    return lessons
  }
}

extension Lessons {
  /// Of some of the images, of so many.
  func taking(_ items: [Int], of count: Int) -> Lessons {
    Lessons(
      rows: rows.mapValues { values in
        let width = values.count / max(1, count)
        return items.flatMap { values[$0 * width..<($0 + 1) * width] }
      })
  }
}

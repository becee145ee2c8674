extension StandardLibrary {
  /// What `load` tries before arrays: networks, galleries, training checkpoints. One line for each.
  static let fileLoaders: [FileLoader] = []
}

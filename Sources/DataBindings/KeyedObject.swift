import Interpreter

/// An object that gives items by text between brackets: a dataset by its classes.
public protocol KeyedObject: HostObject {
  var keys: [String] { get }
}

extension DatasetObject: KeyedObject {
  package var keys: [String] { dataset.classNames }
}

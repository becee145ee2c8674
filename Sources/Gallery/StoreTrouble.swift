import Files
import Postgres
import SQLite

/// What is wrong with the place where a gallery is kept, for whoever asks over a network: without the path of its file or
/// the address of its database, which concern nobody there.
public enum StoreTrouble: Hashable, Sendable {
  /// The database does not answer, or not as it should.
  case unreachable
  /// Another program writes, and did not let go in time.
  case busy
  /// A change cannot be kept.
  case unwritable(reason: String)
  /// What is there cannot be used.
  case unreadable(reason: String)

  /// - Returns: nil for an error that says nothing of the place: of a picture, or a name.
  public init?(_ error: any Error) {
    switch error {
    case let error as PostgresError:
      switch error {
      case .taken: self = .busy
      case .diskFull: self = .unwritable(reason: "its disk is full")
      case .forbidden: self = .unwritable(reason: "its database does not allow it")
      case .zeroCharacter: return nil
      case .noLibrary, .refused, .noConnection, .lost, .noVector, .failed: self = .unreachable
      }
    case let error as SQLiteError:
      switch error {
      case .locked: self = .busy
      case .readOnly: self = .unwritable(reason: "its file can only be read")
      case .diskFull: self = .unwritable(reason: "its disk is full")
      case .noLibrary, .missing, .cannotOpen, .notADatabase, .damaged, .journalOfAnother, .failed:
        self = .unreadable(reason: "its file cannot be read")
      }
    case GalleryError.movedAway: self = .unwritable(reason: "its file was moved, deleted or replaced")
    case GalleryError.networkReplaced, GalleryError.otherNetwork, GalleryError.picturesMissing:
      self = .unreadable(reason: "its network was changed")
    case GalleryError.notAGallery: self = .unreadable(reason: "what is kept of it is damaged")
    case FileError.diskFull: self = .unwritable(reason: "its disk is full")
    case is FileError: self = .unwritable(reason: "its file cannot be written")
    default: return nil
    }
  }
}

extension ReferenceGallery {
  /// Whether the place where it is kept still answers; costs next to nothing, and reads nothing of it.
  ///
  /// - Throws: what `StoreTrouble` tells apart.
  public func checkPlace() throws {
    _ = try remote?.connection.ask("SELECT 1")
    try store?.checkPlace()
  }

  /// Of a gallery in a file: so that a copy of the file alone has all changes. A program that has served ends without
  /// closing the file where somebody still holds the gallery.
  public func settle() { store?.settle() }
}

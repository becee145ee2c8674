import Diagnostics
import Sandbox

/// Why a gallery cannot be served. The words stand in `ServerError+Explanation.swift`.
public enum ServerError: ExplainedError, Hashable {
  /// Nobody to compare with, and nobody may be enrolled.
  case nobody
  /// The network has seen no input yet, so that the size of a picture is not known.
  case notBuilt
  /// The network takes no pictures, but items of this shape.
  case notPictures(shape: [Int])
  case badHost(String)
  /// What should be the name of a server before this one is none.
  case badName(String)
  /// Another program listens there.
  case portTaken(host: String, port: Int)
  /// Ports below 1024 are the administrator's.
  case portForbidden(port: Int)
  /// This machine has no such address.
  case foreignAddress(host: String)
  case cannotListen(host: String, port: Int, reason: String)
  case weakToken(length: Int)
  /// A policy keeps the script from the network.
  case refused(AccessError)
}

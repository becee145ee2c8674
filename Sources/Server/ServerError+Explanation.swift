import Diagnostics

extension ServerError {
  public var explanation: Explanation {
    switch self {
    case .nobody:
      return Explanation(
        "serve has nobody to show: the gallery is empty",
        help: "enrol first: people.enroll(\"name\", image), or allow it from the page with enrol=true")
    case .notBuilt:
      return Explanation(
        "serve does not know the size of the pictures: the gallery's network has seen none yet",
        help: "enrol one reference first: people.enroll(\"name\", image)")
    case .notPictures(let shape):
      return Explanation(
        "serve needs a network that takes pictures [1 or 3 channels, height, width], this one takes \(shape)")
    case .badHost(let host):
      return Explanation(
        "serve expects host to be an address of this machine, got \"\(host)\"",
        help: "\"127.0.0.1\" for this machine alone, \"0.0.0.0\" for everybody who can reach it")
    case .badName(let name):
      return Explanation(
        "serve expects publicname to be a name such as \"faces.example.org\", got \"\(name.prefix(80))\"",
        help: "without https:// before it, and without a port")
    case .portTaken(let host, let port):
      return Explanation(
        "another program listens at \(host):\(port)", help: "choose another port, or 0 for any that is free")
    case .portForbidden(let port):
      return Explanation("port \(port) is for the administrator alone", help: "choose one from 1024")
    case .foreignAddress(let host):
      return Explanation(
        "this machine does not have the address \(host)",
        help: "\"127.0.0.1\" for this machine alone, \"0.0.0.0\" for everybody who can reach it")
    case .cannotListen(let host, let port, let reason):
      return Explanation("cannot listen at \(host):\(port): \(reason)")
    case .refused(let error): return error.explanation
    case .weakToken(let length) where length > 256:
      return Explanation(
        "serve expects a token of \(AccessToken.least) to 256 letters, got one of \(length)",
        help: "leave it out: a good one is drawn; or: head -c 24 /dev/urandom | base64 > token")
    case .weakToken(let length) where length >= AccessToken.least:
      return Explanation(
        "serve expects a token of the letters, digits and signs of ASCII, and in this one are others, or spaces",
        help: "leave it out: a good one is drawn; or: head -c 24 /dev/urandom | base64 > token")
    case .weakToken(let length):
      return Explanation(
        "serve expects a token of \(AccessToken.least) letters or more, without spaces, got one of \(length)",
        help: "leave it out: a good one is drawn; or: head -c 24 /dev/urandom | base64 > token")
    }
  }
}

/// What a served gallery is asked for.
public struct ServerOptions: Sendable {
  /// An address of this machine; 127.0.0.1 is heard by this machine alone.
  public var host = "127.0.0.1"
  /// 0: any that is free.
  public var port = 8080
  /// Whether people may be enrolled, removed and forgotten from the page, by those who know the token.
  public var allowsEnrolling = false
  /// Drawn where none is given.
  public var token: String?
  /// The name by which others reach it through a server that stands before it (nginx, Caddy): "faces.example.org".
  public var publicName: String?
  /// Where the gallery is written each time that it was changed from the page; nil: nowhere.
  public var savePath: String?
  /// In place of the gallery's calibrated one.
  public var threshold: Double?
  public var finder = FaceFinder.wholePicture
  public var limits = ServerLimits()
  /// The gallery is a copy of one that its owner keeps, and that hears of changes when the server has stopped.
  public var isCopy = false
  /// Takes a line for each change: when, from which address, what, of whom; never a token or a picture. Called by the thread
  /// that works for the gallery; nil: nothing is written.
  public var log: (@Sendable (String) -> Void)?

  public init() {}

  /// Other machines can ask, whether at its own address or through a server before it: faces are shown to who has the token.
  public var guardsPictures: Bool { publicName != nil || !HostCheck.isLoopback(host) }
}

/// What keeps one client from taking the server from the others.
public struct ServerLimits: Sendable {
  /// Of one request's body.
  public var bodyBytes = 8 << 20
  /// Of one picture, whatever its header claims.
  public var pixels = 50_000_000
  /// Pictures that are read and looked at, at one time.
  public var atOnce = 2
  /// Requests that wait for their turn, their bodies read; more are turned away with 503.
  public var waiting = 512
  /// How long one waits before it is turned away.
  public var waitSeconds = 30.0
  /// How long a body may take to come.
  public var bodySeconds = 30.0
  /// Bodies larger than small ones that are in memory at one time; those that follow wait on the network.
  public var largeBodies = 12
  public var smallBodyBytes = 64 << 10
  /// How long an answer may take to go out.
  public var answerSeconds = 120.0
  /// How long a connection may say nothing, or take to say what it wants.
  public var idleSeconds = 30.0
  /// Bytes of a request before its body.
  public var headBytes = 8 << 10
  /// Of one of its lines.
  public var lineBytes = 2 << 10
  /// Beyond these the longest idle ones are closed; beyond twice as many, all new ones.
  public var connections = 1024
  /// Of one address at one time. This machine's own is not counted: a server before this one has it, too.
  public var connectionsOfOne = 64
  public var countsLoopback = false
  /// Bytes of a body that is not wanted which are read all the same, so that the answer is heard.
  public var drainBytes = 64 << 20
  /// References in a gallery that grows from the page.
  public var references = 10_000_000

  public init() {}
}

import CZMQ

/// The kernel's five sockets. Used by one thread, but for nothing.
final class KernelSockets {
  typealias Channel = ConnectionFile.Channel

  private let context: UnsafeMutableRawPointer
  private var sockets: [Channel: UnsafeMutableRawPointer] = [:]
  private let order = Channel.allCases

  /// A message of more bytes than this ends its connection.
  static let largestMessage: Int64 = 256 << 20

  /// - Throws: `KernelError`.
  init(_ connection: ConnectionFile) throws {
    if let reason = twin_zmq_open() { throw KernelError.noLibrary(reason: String(cString: reason)) }
    guard let context = twin_zmq_context() else { throw KernelError.cannotBegin(reason: "ZeroMQ has no room") }
    self.context = context
    for channel in order {
      let kind =
        switch channel {
        case .iopub: TwinZMQXPub
        case .hb: TwinZMQRep
        case .shell, .stdin, .control: TwinZMQRouter
        }
      let endpoint = connection.endpoint(channel)
      guard let socket = twin_zmq_socket(context, Int32(kind.rawValue), Self.largestMessage) else {
        throw KernelError.cannotBegin(reason: "ZeroMQ has no more sockets")
      }
      sockets[channel] = socket
      let failure = twin_zmq_bind(socket, endpoint)
      guard failure == 0 else {
        throw KernelError.cannotListen(endpoint: endpoint, reason: String(cString: twin_zmq_words(failure)))
      }
    }
  }

  deinit {
    for socket in sockets.values { twin_zmq_close(socket) }
    twin_zmq_end(context)
  }

  /// Waits until one can be read, or one of the descriptors.
  func wait(_ descriptors: [Int32], milliseconds: Int) -> (channels: [Channel], descriptors: [Bool]) {
    let handles = order.compactMap { sockets[$0] }
    let ready = twin_zmq_wait(
      handles, Int32(handles.count), descriptors, Int32(descriptors.count), milliseconds)
    let isReady = (0..<(handles.count + descriptors.count)).map { ready >> UInt32($0) & 1 == 1 }
    return (order.indices.filter { isReady[$0] }.map { order[$0] }, Array(isReady[handles.count...]))
  }

  /// The next message that waits; nil where none does.
  func receive(_ channel: Channel) -> [[UInt8]]? {
    guard let socket = sockets[channel] else { return nil }
    var frames: [[UInt8]] = []
    var hasMore = true
    while hasMore {
      let failure = withUnsafeMutablePointer(to: &frames) { frames in
        twin_zmq_receive(
          socket, &hasMore,
          { bytes, count, context in
            let frame = UnsafeRawBufferPointer(start: bytes, count: count)
            context?.assumingMemoryBound(to: [[UInt8]].self).pointee.append(Array(frame))
          }, frames)
      }
      if failure != 0 { return nil }
    }
    return frames
  }

  /// Takes up what was received last at iopub: who sent it gets what is published from now on, or no more of it.
  func subscribe(to topic: [UInt8], isOn: Bool) {
    guard let socket = sockets[.iopub] else { return }
    _ = topic.withUnsafeBytes { twin_zmq_subscribe(socket, $0.baseAddress, $0.count, isOn) }
  }

  /// A reader that takes nothing any more loses what is sent; it is not waited for.
  func send(_ frames: [[UInt8]], on channel: Channel) {
    guard let socket = sockets[channel] else { return }
    for (index, frame) in frames.enumerated() {
      let failure = frame.withUnsafeBytes { bytes in
        twin_zmq_send(socket, bytes.baseAddress, bytes.count, index + 1 < frames.count)
      }
      if failure != 0 { return }
    }
  }
}

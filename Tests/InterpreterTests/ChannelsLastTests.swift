import CoreLibrary
import Testing

@Suite struct ChannelsLastTests {
  @Test(
    arguments: [
      ([40, 40, 3], "2, 0, 1"), ([9, 40, 40, 1], "0, 3, 1, 2"), ([9, 2, 40, 40, 3], "0, 1, 4, 2, 3"),
      ([9, 2, 1, 40, 40], nil), ([9, 3, 40, 40], nil), ([9, 2, 1, 40, 3], nil), ([9, 2, 3, 3, 3], nil), ([40, 3], nil),
    ] as [([Int], String?)])
  func channelsLast(_ shape: [Int], axes: String?) {
    #expect(ChannelsLast.wayOut(shape) == axes.map { "x.transpose(\($0)) puts the channels first" })
  }
}

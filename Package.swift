// swift-tools-version: 6.2
import PackageDescription

/// One concept a target; a target may import only what stands below it (see Documentation/architecture.md).
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func library(_ name: String, _ dependencies: [Target.Dependency], unsafe flags: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies,
    swiftSettings: flags.isEmpty ? strict : strict + [.unsafeFlags(flags)])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

var targets: [Target] = [
  // C parts, each with one owner.
  .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-pthread-dev"])]),
  .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
  .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
  .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
  .target(name: "CLibEdit", linkerSettings: [.linkedLibrary("edit")]),
  .target(
    name: "CGnuplot",
    linkerSettings: [
      .linkedLibrary("boost_iostreams"), .linkedLibrary("boost_filesystem"), .linkedLibrary("boost_system"),
    ]),
  .target(name: "CSystem"),
  // libpng tells errors by setjmp, which only C can call.
  .target(name: "CPNGRead", dependencies: ["CPNG"]),
  // Opened when a download begins, not linked: see CCurl.h.
  .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Opened when a decomposition is first asked for, not linked: see CLAPACK.h.
  .target(name: "CLAPACK", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Level 0: words for errors, files, elementary functions.
  library("Diagnostics", []),
  library("Files", ["Diagnostics"]),
  // exp, log, sin and the others, the same bits everywhere; optimised in debug builds as well.
  library("ElementaryFunctions", [], unsafe: ["-Ounchecked"]),

  // Level 1
  library("Syntax", ["Diagnostics"]),
  // One source, compiled for each kind of processor; the second and third hold links to the first's files.
  library("KernelInterface", []),
  library("Kernels", ["KernelInterface"], unsafe: ["-Ounchecked"]),
  library("KernelsAVX2", ["KernelInterface"], unsafe: ["-Ounchecked", "-Xcc", "-mavx2", "-Xcc", "-mfma"]),
  library("KernelsAVX512", ["KernelInterface"], unsafe: ["-Ounchecked", "-Xcc", "-march=x86-64-v4"]),
  library("Tensors", ["Diagnostics", "KernelInterface", "Kernels", "KernelsAVX2", "KernelsAVX512", "CSystem"]),
  library("LinearAlgebra", ["Diagnostics", "Tensors", "CLAPACK"]),
  library("Images", ["Diagnostics", "Files", "CPNG", "CPNGRead", "CTurboJPEG"]),

  // Level 2
  library("TensorFiles", ["Diagnostics", "Files", "Tensors", "CZip"]),
  library("NeuralNetworks", ["Diagnostics", "Tensors", "TensorFiles", "Files", "CSystem"]),
  library("Datasets", ["Diagnostics", "Files", "Tensors", "TensorFiles", "Images", "CZip", "CCurl"]),
  library("Collecting", ["Diagnostics", "Files", "Images", "Datasets"]),
  library("Plotting", ["Diagnostics", "Files", "Images", "CGnuplot"]),

  // Level 3
  library(
    "Faces",
    ["Diagnostics", "Files", "Tensors", "TensorFiles", "Images", "Datasets", "CSystem"]),
  library("Interpreter", ["Diagnostics", "Syntax", "Tensors", "CSystem"], unsafe: ["-enforce-exclusivity=unchecked"]),
  library("MetricLearning", ["Diagnostics", "Files", "Tensors", "TensorFiles", "NeuralNetworks", "Datasets"]),
  library("Gallery", ["Diagnostics", "Files", "Tensors", "TensorFiles", "NeuralNetworks", "Datasets", "Images"]),

  library(
    "Server",
    [
      "Diagnostics", "Files", "Tensors", "Images", "Datasets", "NeuralNetworks", "Gallery", "CSystem",
      .product(name: "FlyingFox", package: "FlyingFox"), .product(name: "FlyingSocks", package: "FlyingFox"),
    ]),

  // Level 4 and up
  library(
    "StandardLibrary",
    [
      "Diagnostics", "Files", "Syntax", "Interpreter", "Tensors", "LinearAlgebra", "TensorFiles", "Images", "Datasets",
      "NeuralNetworks", "MetricLearning", "Gallery", "Plotting", "Server", "Faces", "Collecting",
    ]),
  library(
    "Session",
    [
      "Diagnostics", "Files", "Syntax", "Interpreter", "StandardLibrary", "Tensors", "NeuralNetworks", "Plotting",
      "Datasets", "Images", "Faces",
    ]),
  library(
    "TerminalREPL", ["Diagnostics", "Files", "Tensors", "Datasets", "Faces", "Session", "CLibEdit", "CSystem"]),
  .executableTarget(
    name: "twinbook",
    dependencies: [
      "CSystem", "Diagnostics", "Session", "TerminalREPL",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),

  .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
  tests("ElementaryFunctions", ["ElementaryFunctions"]),
  tests("Syntax", ["Syntax", "Diagnostics"]),
  tests("Tensors", ["Tensors", "LinearAlgebra", "COpenBLAS", "CSystem"]),
  tests("Images", ["Images", "Files", "TestSupport"]),
  tests("Datasets", ["Datasets", "TensorFiles", "Images", "Files", "TestSupport"]),
  tests("NeuralNetworks", ["NeuralNetworks", "Tensors", "COpenBLAS"]),
  tests("MetricLearning", ["MetricLearning", "Gallery", "NeuralNetworks", "Datasets", "Tensors"]),
  tests(
    "Faces",
    [
      "TestSupport", "Faces", "Datasets", "TensorFiles", "Tensors", "Images", "Files", "Diagnostics", "CSystem",
    ]),
  tests("Plotting", ["Plotting", "Images"]),
  tests("Collecting", ["TestSupport", "Collecting", "Datasets", "Images", "Files"]),
  tests("Server", ["Server", "Gallery", "NeuralNetworks", "Datasets", "Images", "Files"]),
  tests("Interpreter", ["Interpreter", "StandardLibrary", "Syntax", "Diagnostics"]),
  tests("Session", ["Session", "Faces", "StandardLibrary", "Interpreter", "Diagnostics", "Files"]),
  tests("Executable", ["TestSupport", "Tensors", "TerminalREPL", "Faces", "Images", "Files", "CSystem"]),
]

// While working on one part: TWINBOOK_ONLY=TensorsTests swift test builds that target and what stands below it.
if let only = Context.environment["TWINBOOK_ONLY"] {
  var wanted = Set(only.split(separator: ",").map(String.init))
  var grew = true
  while grew {
    grew = false
    for target in targets where wanted.contains(target.name) {
      for case .byNameItem(let name, _) in target.dependencies where wanted.insert(name).inserted { grew = true }
    }
  }
  targets.removeAll { !wanted.contains($0.name) }
}

let built = Set(targets.map(\.name))
var packages: [Package.Dependency] = []
if built.contains("twinbook") {
  packages.append(.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"))
}
if built.contains("Server") { packages.append(.package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1")) }

let package = Package(name: "Twinbook", dependencies: packages, targets: targets)

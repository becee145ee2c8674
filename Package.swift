// swift-tools-version: 6.2
import PackageDescription

/// One concept a target; a target may import only what stands below it (see Documentation/architecture.md).
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func library(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil, unsafe flags: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources,
    swiftSettings: flags.isEmpty ? strict : strict + [.unsafeFlags(flags)])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

var targets: [Target] = [
  // C parts, each with one owner.
  .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-pthread-dev"])]),
  .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
  .target(name: "CLibEdit", dependencies: ["CProcess"], linkerSettings: [.linkedLibrary("edit")]),
  .target(name: "CProcess"),
  .target(
    name: "CGnuplot",
    // Without boost_system: its code has been in its headers for long, and newer versions have no library of that name.
    linkerSettings: [
      .linkedLibrary("boost_iostreams"), .linkedLibrary("boost_filesystem"),
      .linkedLibrary("dl", .when(platforms: [.linux])),
    ]),
  .target(name: "CSystem"),
  // Functions in a header, compiled by each set of kernels for its own processor: see CByteProducts.h.
  .target(name: "CByteProducts"),
  .target(name: "CLanes"),
  .target(name: "CSandbox"),
  // libpng and libjpeg tell errors by setjmp, which only C can call.
  .target(name: "CPNGRead", dependencies: ["CPNG"]),
  .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
  // Opened when a download begins, not linked: see CCurl.h.
  .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Opened when a kernel starts, not linked: see CZMQ.h.
  .target(name: "CZMQ", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Opened when a gallery's file is, not linked: see CSQLite.h.
  .target(name: "CSQLite", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Opened when a gallery in PostgreSQL is, not linked: see CPostgres.h.
  .target(name: "CPostgres", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Opened when mpirun has started the program, not linked: see CMPI.h.
  .target(name: "CMPI", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Opened when a decomposition is first asked for, not linked: see CLAPACK.h.
  .target(name: "CLAPACK", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),

  // Level 0: words for errors, files, elementary functions.
  library("Diagnostics", []),
  library("Sandbox", ["Diagnostics", "CSandbox"]),
  library("Files", ["Diagnostics", "Sandbox"]),
  // exp, log, sin and the others, the same bits everywhere; optimised in debug builds as well.
  library("ElementaryFunctions", [], unsafe: ["-Ounchecked"]),
  library("JSON", []),
  library("Memory", ["Diagnostics", "CSystem"]),
  library("SQLite", ["Diagnostics", "CSQLite"]),
  library("Postgres", ["Diagnostics", "Sandbox", "CPostgres"]),
  library("Ranks", ["Diagnostics", "CMPI"]),

  // Level 1
  library("Syntax", ["Diagnostics"]),
  // One source, compiled for each kind of processor; the second and third hold links to the first's files. Whoever calls
  // kernels names their table, too: it has to be compiled anew when a kernel joins the table.
  library("KernelInterface", []),
  library("Kernels", ["CByteProducts", "CLanes", "ElementaryFunctions", "KernelInterface"], unsafe: ["-Ounchecked"]),
  library(
    "KernelsAVX2", ["CByteProducts", "CLanes", "ElementaryFunctions", "KernelInterface"],
    unsafe: ["-Ounchecked", "-Xcc", "-mavx2", "-Xcc", "-mfma"]),
  library(
    "KernelsAVX512", ["CByteProducts", "CLanes", "ElementaryFunctions", "KernelInterface"],
    unsafe: ["-Ounchecked", "-Xcc", "-march=x86-64-v4"]),
  library(
    "Tensors",
    [
      "Diagnostics", "ElementaryFunctions", "Memory", "KernelInterface", "Kernels", "KernelsAVX2", "KernelsAVX512",
      "CSystem", "Sandbox",
    ]),
  library("LinearAlgebra", ["Diagnostics", "Tensors", "CLAPACK"]),
  library("Images", ["Diagnostics", "ElementaryFunctions", "Files", "CPNG", "CPNGRead", "CJPEG"]),

  library("ONNXFormat", ["Diagnostics", "ElementaryFunctions"]),

  // Level 2
  library("TensorFiles", ["Diagnostics", "ElementaryFunctions", "Files", "Tensors", "CZip", "CZlib"]),
  library(
    "NeuralNetworks",
    [
      "Diagnostics", "ElementaryFunctions", "Memory", "Ranks", "KernelInterface", "Tensors", "TensorFiles", "Files",
      "CSystem", "ONNXFormat",
    ]),
  library("Downloads", ["Diagnostics", "Files", "Sandbox", "CCurl"]),
  library(
    "FaceDetection",
    ["Diagnostics", "Downloads", "ElementaryFunctions", "Files", "KernelInterface", "Tensors", "TensorFiles", "Images"]),
  library(
    "Datasets",
    [
      "Diagnostics", "Downloads", "ElementaryFunctions", "Files", "Tensors", "Images", "FaceDetection", "CZip", "CZlib",
    ]),
  library("Collecting", ["Diagnostics", "Downloads", "Files", "Images", "Sandbox"]),
  library("Plotting", ["Diagnostics", "Files", "Sandbox", "CGnuplot"]),

  // Level 3
  library(
    "Faces",
    [
      "Diagnostics", "Downloads", "Files", "Tensors", "TensorFiles", "Images", "Datasets", "FaceDetection", "Ranks",
      "CSystem",
    ]),
  library(
    "Interpreter",
    ["Diagnostics", "ElementaryFunctions", "Memory", "Ranks", "Sandbox", "Syntax", "Tensors", "CSystem"],
    // Both passes search the machine's one long function for a minute, and find nothing: it counts references by hand.
    unsafe: [
      "-enforce-exclusivity=unchecked", "-Xllvm", "-sil-disable-pass=release-hoisting", "-Xllvm",
      "-sil-disable-pass=late-release-hoisting",
    ]),
  library(
    "MetricLearning",
    ["Diagnostics", "ElementaryFunctions", "Files", "Ranks", "Tensors", "TensorFiles", "NeuralNetworks", "Datasets"]),
  library(
    "Gallery",
    [
      "Diagnostics", "Downloads", "ElementaryFunctions", "Files", "Memory", "Postgres", "Sandbox", "SQLite",
      "KernelInterface", "Tensors", "TensorFiles", "NeuralNetworks", "Datasets", "MetricLearning",
    ]),

  library(
    "Forgetting",
    [
      "Collecting", "Datasets", "Diagnostics", "Faces", "Files", "Gallery", "MetricLearning", "NeuralNetworks",
      "TensorFiles",
    ]),

  library(
    "Server",
    [
      "Diagnostics", "Images", "Datasets", "NeuralNetworks", "Gallery", "Forgetting", "Sandbox", "CSystem",
    ],
    resources: [.embedInCode("Resources")]),

  // Level 4 and up: the language's library, each part of it beside its domain.
  library("CoreLibrary", ["Diagnostics", "ElementaryFunctions", "Files", "Interpreter", "JSON", "Tensors"]),
  library(
    "TensorBindings",
    [
      "Diagnostics", "ElementaryFunctions", "Files", "Interpreter", "CoreLibrary", "Tensors", "LinearAlgebra",
      "TensorFiles",
    ]),
  library("PlotBindings", ["Diagnostics", "Files", "Interpreter", "CoreLibrary", "Tensors", "Plotting"]),
  library(
    "DataBindings",
    [
      "Diagnostics", "Downloads", "Files", "Interpreter", "CoreLibrary", "PlotBindings", "Tensors", "Images",
      "Datasets",
      "MetricLearning", "Plotting", "Collecting", "Faces",
    ]),
  library(
    "LearningBindings",
    [
      "Diagnostics", "Files", "Interpreter", "CoreLibrary", "TensorBindings", "PlotBindings", "DataBindings", "Ranks",
      "Sandbox", "Tensors", "TensorFiles", "Datasets", "NeuralNetworks", "MetricLearning", "Plotting", "ONNXFormat",
      "Faces",
    ]),
  library(
    "JudgingBindings",
    [
      "Diagnostics", "Interpreter", "CoreLibrary", "PlotBindings", "DataBindings", "LearningBindings", "Tensors",
      "Datasets", "NeuralNetworks", "MetricLearning", "Plotting",
    ]),
  library(
    "FaceBindings",
    [
      "Diagnostics", "Files", "Interpreter", "CoreLibrary", "PlotBindings", "DataBindings", "LearningBindings",
      "Tensors", "Images", "Datasets", "NeuralNetworks", "MetricLearning", "Plotting", "Faces",
    ]),
  library(
    "GalleryBindings",
    [
      "Diagnostics", "ElementaryFunctions", "Files", "Interpreter", "CoreLibrary", "PlotBindings", "Plotting",
      "DataBindings",
      "LearningBindings", "JudgingBindings", "Ranks", "Tensors", "Images", "Datasets", "NeuralNetworks",
      "MetricLearning", "Gallery", "Server", "Faces", "Forgetting",
    ]),
  library(
    "StandardLibrary",
    [
      "Interpreter", "CoreLibrary", "TensorBindings", "PlotBindings", "DataBindings", "LearningBindings",
      "JudgingBindings", "FaceBindings", "GalleryBindings",
    ]),
  library(
    "Session",
    [
      "Diagnostics", "Files", "Syntax", "Interpreter", "KernelInterface", "PlotBindings", "DataBindings",
      "FaceBindings", "Plotting", "Datasets", "Images", "Faces", "Ranks", "Sandbox",
    ]),
  library("NotebookFormats", ["Diagnostics", "Downloads", "Files", "JSON", "Syntax", "Session"]),
  library(
    "TerminalREPL",
    [
      "Diagnostics", "Downloads", "Files", "Memory", "Tensors", "Datasets", "Faces", "Session", "NotebookFormats",
      "StandardLibrary", "CLibEdit", "CProcess", "CSystem", "Ranks", "Sandbox",
    ]),
  library(
    "JupyterKernel",
    [
      "Diagnostics", "Downloads", "Files", "JSON", "Memory", "Session", "NotebookFormats", "StandardLibrary", "CZMQ",
      "CProcess",
    ]),
  .executableTarget(
    name: "twinbook",
    dependencies: [
      "CSystem", "Diagnostics", "Files", "Interpreter", "JupyterKernel", "Session", "StandardLibrary", "TerminalREPL",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),

  .target(name: "TestSupport", dependencies: ["Ranks"], path: "Tests/TestSupport", swiftSettings: strict),
  tests("Diagnostics", ["Diagnostics"]),
  tests("Sandbox", ["Files", "Sandbox", "Tensors", "TestSupport"]),
  tests("Files", ["TestSupport", "Files"]),
  tests("JSON", ["JSON"]),
  tests("TensorFiles", ["TestSupport", "TensorFiles", "Tensors"]),
  tests("ElementaryFunctions", ["ElementaryFunctions"]),
  tests("Syntax", ["Syntax", "Diagnostics", "TestSupport"]),
  tests("Tensors", ["ElementaryFunctions", "KernelInterface", "Tensors", "LinearAlgebra", "COpenBLAS", "CSystem"]),
  tests("Memory", ["Memory"]),
  tests("Ranks", ["Ranks", "TestSupport"]),
  tests("Images", ["Images", "Files", "TestSupport"]),
  tests("Downloads", ["Downloads", "Datasets", "Images", "Files", "TestSupport"]),
  tests("Datasets", ["Datasets", "TensorFiles", "Images", "Files", "TestSupport"]),
  tests("ONNXFormat", ["TestSupport", "ONNXFormat"]),
  tests(
    "NeuralNetworks",
    [
      "TestSupport", "KernelInterface", "NeuralNetworks", "ONNXFormat", "Ranks", "TensorFiles", "Tensors", "COpenBLAS",
    ]),
  tests(
    "MetricLearning",
    ["TestSupport", "MetricLearning", "NeuralNetworks", "Datasets", "Ranks", "TensorFiles", "Tensors"]),
  tests(
    "Gallery",
    [
      "TestSupport", "Gallery", "MetricLearning", "NeuralNetworks", "Datasets", "Diagnostics", "Files", "Postgres",
      "SQLite", "KernelInterface", "Tensors",
    ]),
  tests(
    "Faces",
    [
      "TestSupport", "Faces", "FaceDetection", "Downloads", "Datasets", "TensorFiles", "Tensors", "Images", "Files",
      "Diagnostics", "KernelInterface", "CSystem",
    ]),
  tests(
    "Forgetting",
    [
      "Forgetting", "Gallery", "NeuralNetworks", "Datasets", "Images", "Files", "Diagnostics", "Sandbox", "TestSupport",
    ]),
  tests("Plotting", ["Plotting", "Images"]),
  tests("Collecting", ["TestSupport", "Collecting", "Datasets", "Images", "Files"]),
  tests("Server", ["Server", "Gallery", "NeuralNetworks", "Datasets", "Images", "Files"]),
  .target(
    name: "ScriptSupport", dependencies: ["Diagnostics", "Interpreter"], path: "Tests/ScriptSupport",
    swiftSettings: strict),
  tests(
    "Interpreter", ["ScriptSupport", "TestSupport", "Interpreter", "CoreLibrary", "Syntax", "Diagnostics", "Memory"]),
  tests("TensorBindings", ["ScriptSupport", "Interpreter", "CoreLibrary", "TensorBindings"]),
  tests(
    "StandardLibrary",
    [
      "ScriptSupport", "Interpreter", "StandardLibrary", "Syntax", "Diagnostics", "Tensors", "Files", "Sandbox",
      "TestSupport",
    ]),
  tests(
    "Session",
    [
      "Session", "Server", "Gallery", "NeuralNetworks", "Datasets", "Images", "Faces", "StandardLibrary", "Interpreter",
      "Diagnostics", "Files", "Sandbox", "TestSupport",
    ]),
  tests("NotebookFormats", ["TestSupport", "JSON", "NotebookFormats", "Session", "Diagnostics"]),
  tests("JupyterKernel", ["JSON", "JupyterKernel", "NotebookFormats", "Session", "StandardLibrary"]),
  tests("Executable", ["TestSupport", "Tensors", "TerminalREPL", "Faces", "Images", "Files", "Sandbox", "CSystem"]),
]

// Readers of what comes from strangers, for fuzzers and for a test that reads what they have found.
let fuzzed: [(name: String, reads: [Target.Dependency])] = [
  ("Files", ["Files", "Images", "TensorFiles"]),
  ("Networks", ["NeuralNetworks", "TensorFiles"]),
  ("Sets", ["Datasets", "FaceDetection"]),
  ("Galleries", ["Gallery", "Server"]),
  ("Programs", ["CoreLibrary", "Diagnostics", "Interpreter", "Sandbox", "Syntax"]),
  ("Documents", ["JSON", "NotebookFormats", "Session"]),
]
for (name, reads) in fuzzed {
  targets.append(
    .target(
      name: "Fuzz" + name, dependencies: ["FuzzSupport"] + reads, path: "Tests/Fuzzing/" + name, swiftSettings: strict))
}
targets += [
  .target(name: "FuzzSupport", path: "Tests/Fuzzing/Support", swiftSettings: strict),
  tests("Fuzzing", fuzzed.map { .byName(name: "Fuzz" + $0.name) } + ["FuzzSupport", "TestSupport"]),
]

// Fuzzers are linked to libFuzzer, which Scripts/maintainers/sanitize.sh names, and so are built by themselves.
if Context.environment["TWINBOOK_ONLY"]?.hasPrefix("fuzz") == true {
  // libFuzzer watches which way the readers' code goes. Counters in anything else cost time and tell it nothing.
  let watched: Set<String> = [
    "Files", "Images", "JSON", "TensorFiles", "ONNXFormat", "NeuralNetworks", "Datasets", "FaceDetection", "Gallery",
    "Server",
    "Syntax", "Interpreter", "CoreLibrary", "NotebookFormats", "Session",
  ]
  for target in targets {
    if watched.contains(target.name) { target.swiftSettings = strict + [.unsafeFlags(["-sanitize=fuzzer"])] }
    // Readers hardly compute: kernels that are compiled quickly are enough. The last flag counts.
    if target.name.hasPrefix("Kernels") { target.swiftSettings?.append(.unsafeFlags(["-Onone"])) }
  }
  targets.append(.target(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"))
  for (name, _) in fuzzed {
    targets.append(
      .executableTarget(
        name: "fuzz-" + name.lowercased(), dependencies: [.byName(name: "Fuzz" + name), "FuzzSupport", "CFuzzer"],
        path: "Tests/Fuzzing/Mains/" + name, swiftSettings: strict))
  }
}

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

let package = Package(name: "Twinbook", dependencies: packages, targets: targets)

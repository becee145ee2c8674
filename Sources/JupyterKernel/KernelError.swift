import Diagnostics

/// Why a kernel cannot run or be installed; the words stand in KernelError+Words.swift.
public enum KernelError: ExplainedError, Equatable {
  case noLibrary(reason: String)
  case badConnectionFile(file: String, reason: String)
  case unknownSignature(file: String, scheme: String)
  case cannotListen(endpoint: String, reason: String)
  case cannotBegin(reason: String)
  case noHome
}

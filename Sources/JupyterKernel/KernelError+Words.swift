import Diagnostics

extension KernelError {
  public var explanation: Explanation {
    switch self {
    case .noLibrary(let reason):
      Explanation(
        "the kernel speaks to Jupyter through ZeroMQ, and \(reason)",
        help: "sudo apt-get install libzmq5; all else works")
    case .badConnectionFile(let file, let reason):
      Explanation(
        "\(file) is no connection file of Jupyter: \(reason)",
        help:
          "Jupyter writes it and starts the kernel: choose Twinbook in JupyterLab, or jupyter console --kernel twinbook"
      )
    case .unknownSignature(let file, let scheme):
      Explanation(
        "\(file) wants messages signed by \(scheme.prefix(40)); this kernel knows hmac-sha256",
        help: "leave Session.signature_scheme of Jupyter as it is")
    case .cannotListen(let endpoint, let reason):
      Explanation(
        "the kernel cannot listen at \(endpoint): \(reason)", help: "start it again; Jupyter then takes other ports")
    case .cannotBegin(let reason):
      Explanation("the kernel cannot begin: \(reason)")
    case .noHome:
      Explanation(
        "there is no HOME, so nowhere to install the kernel for one user", help: "name a folder with --prefix")
    }
  }
}

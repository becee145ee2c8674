import ArgumentParser
import Files
import JupyterKernel
import TerminalREPL

#if canImport(Glibc)
  import Glibc
#endif

/// `twinbook kernel …`: Twinbook in JupyterLab and VS Code.
struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel", abstract: "Run cells for JupyterLab, VS Code and other front ends of Jupyter.",
    subcommands: [Install.self, Remove.self, Run.self])

  struct Place: ParsableArguments {
    @Flag(help: "For this user (the default).")
    var user = false

    @Option(help: "The folder that has share/jupyter: a virtual environment's, or /usr/local.", completion: .directory)
    var prefix: String?

    func validate() throws {
      if user, prefix != nil { throw ValidationError("--user and --prefix name two places; give one") }
      // As a variable that is not set leaves it; the folder would be that of the whole machine.
      if prefix?.isEmpty == true { throw ValidationError("--prefix is empty; it is a folder's name") }
    }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "install", abstract: "Install the kernel for Jupyter.")

    @OptionGroup var place: Place

    func run() throws {
      do {
        let folder = try KernelSpecification.install(prefix: place.prefix, program: try FileSystem.ownProgram())
        throw ExitCode(ScriptRunner.write("installed in \(folder); Jupyter calls it Twinbook\n"))
      } catch let code as ExitCode {
        throw code
      } catch {
        throw ExitCode(Kernel.complain(error))
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove the kernel from Jupyter.")

    @OptionGroup var place: Place

    func run() throws {
      do {
        let folder = try KernelSpecification.remove(prefix: place.prefix)
        throw ExitCode(ScriptRunner.write(folder.map { "removed from \($0)\n" } ?? "it was not installed there\n"))
      } catch let code as ExitCode {
        throw code
      } catch {
        throw ExitCode(Kernel.complain(error))
      }
    }
  }

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Run the kernel; Jupyter does so itself.")

    @Argument(help: "The connection file that Jupyter has written.", completion: .file(extensions: ["json"]))
    var file: String

    func run() throws {
      do {
        throw ExitCode(try Kernel(connectionFile: file).run())
      } catch let code as ExitCode {
        throw code
      } catch {
        throw ExitCode(Kernel.complain(error))
      }
    }
  }
}

extension FileSystem {
  /// The path of the program that runs.
  static func ownProgram() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else {
      throw FileError.system(path: "/proc/self/exe", action: "read", reason: "it cannot be read")
    }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

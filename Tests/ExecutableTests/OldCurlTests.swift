import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Other versions of libcurl than the one here: a library that says it is one, and writes down what it is told.
@Suite(.needsExecutable)
struct OldCurlTests {
  static let compiler: String? = {
    let known: [String] = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"]
    return known.first { access($0, X_OK) == 0 }
  }()

  private static let source = """
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    struct info { int age; const char *version; unsigned number; };
    static struct info info = {3, VERSION, NUMBER};
    static FILE *log_file(void) { static FILE *file; if (!file) file = fopen(getenv("CURL_LOG"), "w"); return file; }
    int curl_global_init(long flags) { return 0; }
    void *curl_easy_init(void) { return &info; }
    void curl_easy_cleanup(void *handle) { fflush(log_file()); }
    const char *curl_easy_strerror(int code) { return "told so"; }
    struct info *curl_version_info(int now) { return &info; }
    int curl_easy_getinfo(void *handle, int what, ...) { return 43; }
    int curl_easy_perform(void *handle) { fprintf(log_file(), "perform\\n"); return 7; }
    int curl_easy_setopt(void *handle, int option, ...) {
      va_list list;
      va_start(list, option);
      if (option == REFUSED) return 48;
      if (option == 10318 || option == 10319) fprintf(log_file(), "%d %s\\n", option, va_arg(list, const char *));
      if (option == 181 || option == 182) fprintf(log_file(), "%d %ld\\n", option, va_arg(list, long));
      va_end(list);
      return 0;
    }
    """

  /// What the library was told, and what the program says.
  private func fetch(version: String, number: Int, refused: Int, address: String) throws -> (
    log: [String], errors: String
  ) {
    let folder = try Folder()
    try folder.write("curl.c", Self.source)
    try FileManager.default.createDirectory(atPath: folder.path + "/lib", withIntermediateDirectories: true)
    let built = try Executable.run(
      [
        "-shared", "-fPIC", "-DVERSION=\"\(version)\"", "-DNUMBER=\(number)", "-DREFUSED=\(refused)", "-o",
        "lib/libcurl.so.4", "curl.c",
      ], program: try #require(Self.compiler), in: folder)
    #expect(built.code == 0, "\(built.errors)")
    let outcome = try Executable.run(
      ["eval", "collect(\"\(address)\")"],
      environment: ["LD_LIBRARY_PATH": folder.path + "/lib", "CURL_LOG": folder.path + "/log"], in: folder)
    let list = (try? folder.read("raw/sources.csv")) ?? ""
    let log: String = (try? folder.read("log")) ?? ""
    return (log.split(separator: "\n").map { String($0) }, outcome.errors + outcome.output + list)
  }

  @Test(.enabled(if: compiler != nil, "no C compiler")) func eachVersionIsToldInItsWay() throws {
    let new = try fetch(version: "8.0.0", number: 0x080000, refused: 0, address: "https://a.example/x.png")
    #expect(new.log.prefix(3) == ["10318 http,https", "10319 https", "perform"], "\(new)")
    let old = try fetch(version: "7.84.0", number: 0x075400, refused: 0, address: "https://a.example/x.png")
    #expect(old.log.prefix(3) == ["181 3", "182 2", "perform"], "\(old)")
    // Schemes have no case: what begins safe stays safe.
    let shouted = try fetch(version: "8.0.0", number: 0x080000, refused: 0, address: "HTTPS://a.example/x.png")
    #expect(shouted.log.prefix(2) == ["10318 http,https", "10319 https"], "\(shouted)")
    let plain = try fetch(version: "8.0.0", number: 0x080000, refused: 0, address: "http://a.example/x.png")
    #expect(plain.log.prefix(2) == ["10318 http,https", "10319 http,https"], "\(plain)")
  }

  /// A library that does not take an option that keeps the transfer safe is not used.
  @Test(.enabled(if: compiler != nil, "no C compiler"), arguments: [10318, 20163])
  func refusedOptionsEndIt(_ option: Int) throws {
    let outcome = try fetch(version: "8.0.0", number: 0x080000, refused: option, address: "https://a.example/x.png")
    #expect(!outcome.log.contains("perform"), "\(outcome)")
    #expect(outcome.errors.contains("does not take an option"), "\(outcome)")
  }
}

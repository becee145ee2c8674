/// What can be asked for.
enum Route: Hashable {
  case file(PageFile)
  case health, openAPI, gallery, reference(Int), distances
  case query, verify, enrol, remove, forget

  init(path: String) throws(RequestProblem) {
    if let file = PageFile(rawValue: path) {
      self = .file(file)
      return
    }
    switch path {
    case "/healthz": self = .health
    case "/openapi.json": self = .openAPI
    case "/api/gallery": self = .gallery
    case "/api/distances": self = .distances
    case "/api/query": self = .query
    case "/api/verify": self = .verify
    case "/api/enrol": self = .enrol
    case "/api/remove": self = .remove
    case "/api/forget": self = .forget
    default:
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[1] == "api", parts[2] == "references", let index = Int(parts[3]), index >= 0 else {
        throw .notFound(path)
      }
      self = .reference(index)
    }
  }

  var methods: [String] {
    switch self {
    case .query, .verify, .enrol, .remove, .forget: ["POST"]
    default: ["GET", "HEAD"]
    }
  }
}

/// The page's files, each with its address. They stand in `Resources/` and are part of the program, so that nothing has to
/// be installed beside it.
enum PageFile: String, CaseIterable {
  case page = "/"
  case style = "/page.css"
  case script = "/page.js"
  case icon = "/icon.svg"

  var type: String {
    switch self {
    case .page: "text/html; charset=utf-8"
    case .style: "text/css; charset=utf-8"
    case .script: "text/javascript; charset=utf-8"
    case .icon: "image/svg+xml"
    }
  }

  var bytes: [UInt8] {
    switch self {
    case .page: PackageResources.page_html
    case .style: PackageResources.page_css
    case .script: PackageResources.page_js
    case .icon: PackageResources.icon_svg
    }
  }
}

/// The JSON interface for programs, described by OpenAPI 3.0 in `Resources/openapi.json`.
enum OpenAPI {
  static var bytes: [UInt8] { PackageResources.openapi_json }
}

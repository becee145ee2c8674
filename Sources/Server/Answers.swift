/// What the JSON interface answers. `Resources/openapi.json` describes the same to others.
enum Answer {
  struct Match: Encodable, Sendable {
    var label: String
    var distance: Double
    /// That a pair at this distance shows the same; of a calibrated gallery.
    var probability: Double?
    /// Address of the nearest reference's picture; not there where none is kept.
    var picture: String?
  }

  struct Face: Encodable, Sendable {
    var box: PictureFace.Box
    var confidence: Double?
    var landmarks: [PictureFace.Point]
    /// Who it is; not there where unknown, or where there is no threshold.
    var label: String?
    /// Whether it is one person, and near enough. Not there where there is no threshold.
    var known: Bool?
    /// Who is exactly as near as the nearest, and near enough: then nobody knows which of the two it is.
    var tied: String?
    /// The nearest first.
    var matches: [Match]
  }

  struct Query: Encodable, Sendable {
    var width: Int
    var height: Int
    var finder: String
    var threshold: Double?
    var milliseconds: Double
    var faces: [Face]
  }

  struct Verify: Encodable, Sendable {
    /// Not there where there is no threshold.
    var same: Bool?
    var distance: Double
    var threshold: Double?
    var probability: Double?
    var milliseconds: Double
    var a: Side
    var b: Side
  }

  struct Side: Encodable, Sendable {
    var width: Int
    var height: Int
    /// How many faces there are.
    var faces: Int
    /// Which of them is compared: the one that was asked for, else the largest.
    var face: Int
    var box: PictureFace.Box
    /// Of all faces.
    var boxes: [PictureFace.Box]
  }

  struct Enrolled: Encodable, Sendable {
    var label: String
    /// References of this label.
    var references: Int
    var people: Int
    /// Not there where the gallery keeps none.
    var picture: String?
  }

  struct Removed: Encodable, Sendable {
    var label: String
    var references: Int
    var people: Int
  }

  /// What would go of somebody, or has gone, and what stays.
  struct Forgotten: Encodable, Sendable {
    struct Going: Encodable, Sendable, Hashable {
      var place: String
      var what: String
    }

    struct Staying: Encodable, Sendable, Hashable {
      var place: String
      var reason: String
    }

    var label: String
    /// False: nothing is gone yet.
    var done: Bool
    var goes: [Going]
    var stays: [Staying]
    var people: Int
  }

  struct Person: Encodable, Sendable {
    var label: String
    var references: Int
    /// Addresses of the references' pictures, the first few.
    var pictures: [String]
    /// Of its references, how many have expired and do not answer.
    var expired: Int
    /// When the first was enrolled: a day, in UTC. Not there where no version noted it.
    var enrolled: String?
    /// When the first of them stops answering.
    var expires: String?
    /// Where they came from and what was agreed to, the first few. Not there where the pictures are guarded and the request
    /// came without the token.
    var sources: [String]?
    var consent: [String]?
  }

  struct Gallery: Encodable, Sendable {
    var people: Int
    var references: Int
    /// References that have expired and do not answer.
    var expired: Int
    /// Changes with the gallery.
    var version: Int
    var threshold: Double?
    /// Where the threshold came from, in words.
    var calibration: String?
    /// [channels, height, width] that the network sees.
    var input: [Int]
    var preparation: String
    var finder: String
    var enrolling: Bool
    /// Its pictures are shown to who has the token.
    var guarded: Bool
    /// Of the people that were asked for, how many there are.
    var found: Int
    var list: [Person]
  }

  struct Distances: Encodable, Sendable {
    var from: Double
    var width: Double
    var same: [Int]
    var different: [Int]
    var samePairs: Int
    var differentPairs: Int
    /// Of how many references; fewer than there are in a large gallery.
    var references: Int
    var threshold: Double?
  }

  struct Health: Encodable, Sendable {
    var status = "ok"
    var people: Int
    var references: Int
    var waiting: Int
    var connections: Int
    var queries: Int
  }

  struct Problem: Encodable, Sendable {
    var error: String
    var reason: String
    /// What to do.
    var remedy: String
  }
}
